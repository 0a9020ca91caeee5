# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the same for all files of a user."""

import bpy


class NijiganPreferences(bpy.types.AddonPreferences):
    """Shown in Blender's settings."""

    bl_idname = __package__

    command: bpy.props.StringProperty(
        name="nijigan",
        description="The nijigan command, a Python that has nijigan, or the folder of an "
        "environment that has it. Empty: what Install has installed, or nijigan on the path",
        subtype="FILE_PATH",
    )
    package: bpy.props.StringProperty(
        name="Package",
        description="What Install installs, as pip understands it: a name, or a wheel's path",
        default="nijigan",
    )

    def draw(self, _context: bpy.types.Context) -> None:
        """Lay it out."""
        self.layout.prop(self, "command")
        self.layout.prop(self, "package")
        row = self.layout.row()
        for action in ("INSTALL", "START", "RESTART", "STOP", "LOG"):
            row.operator("nijigan.sidecar", text=action.title()).action = action
        row.operator("nijigan.copy_diagnostics", icon="COPYDOWN")


def command() -> str:
    """Return what was chosen to start the sidecar with."""
    addon = bpy.context.preferences.addons.get(__package__)
    return bpy.path.abspath(addon.preferences.command) if addon and addon.preferences else ""


def package() -> str:
    """Return what is to be installed."""
    addon = bpy.context.preferences.addons.get(__package__)
    return str(addon.preferences.package) if addon and addon.preferences else "nijigan"
