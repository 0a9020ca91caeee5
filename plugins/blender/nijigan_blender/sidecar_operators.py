# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for the sidecar and the job: what the panels' buttons do."""

import bpy

from nijigan.client.discovery import data_dir
from nijigan_blender.session import session


class NIJIGAN_OT_sidecar(bpy.types.Operator):
    """Do something about the sidecar, which draws"""

    bl_idname = "nijigan.sidecar"
    bl_label = "Sidecar"

    action: bpy.props.EnumProperty(
        items=[
            ("START", "Start", "Start the sidecar; where one is running, use that"),
            ("STOP", "Stop", "Stop the sidecar, for all programs that draw by it"),
            ("RESTART", "Restart", "Stop the sidecar and start it anew"),
            ("LOOK", "Check Again", "Find out how things stand with the sidecar"),
            ("SETTINGS", "Settings", "Choose what starts the sidecar"),
            ("LOG", "Log", "Open the sidecar's log"),
            ("STYLES_FOLDER", "Open Styles Folder", "Show where styles are put"),
        ]
    )

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: bpy.types.Operator) -> str:
        """Return the words for the button that is pointed at."""
        items = cls.bl_rna.properties["action"].enum_items
        return str(items[properties.action].description)

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Do it; what takes time goes on by itself."""
        sidecar = session().sidecar
        if self.action == "SETTINGS":
            bpy.ops.preferences.addon_show(module=__package__)
        elif self.action == "STYLES_FOLDER":
            (data_dir() / "styles").mkdir(parents=True, exist_ok=True)
            bpy.ops.wm.path_open(filepath=str(data_dir() / "styles"))
        elif self.action == "LOG":
            bpy.ops.wm.path_open(filepath=str(data_dir() / "logs" / "sidecar.log"))
        else:
            getattr(sidecar, self.action.lower())()
        return {"FINISHED"}


class NIJIGAN_OT_cancel(bpy.types.Operator):
    """Stop drawing; nothing is left of it"""

    bl_idname = "nijigan.cancel"
    bl_label = "Cancel"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Stop it."""
        session().jobs.cancel_all()
        return {"FINISHED"}


class NIJIGAN_OT_copy_diagnostics(bpy.types.Operator):
    """Copy what somebody who wants to help needs to know"""

    bl_idname = "nijigan.copy_diagnostics"
    bl_label = "Copy Diagnostics"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Copy it."""
        context.window_manager.clipboard = session().diagnostics()
        self.report({"INFO"}, "Diagnostics are in the clipboard")
        return {"FINISHED"}


CLASSES = (NIJIGAN_OT_sidecar, NIJIGAN_OT_cancel, NIJIGAN_OT_copy_diagnostics)
