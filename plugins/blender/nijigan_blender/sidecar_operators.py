# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for the sidecar and the job: what the panels' buttons do."""

import time
from typing import TYPE_CHECKING, Any

import bpy

from nijigan.client.discovery import data_dir
from nijigan_blender.preferences import package
from nijigan_blender.session import session
from nijigan_host.condition import Kind
from nijigan_host.logs import last_log

if TYPE_CHECKING:
    from nijigan_blender.running import Returned

_STARTING = ("INSTALL", "START", "RESTART")
_WAIT_SECONDS = 0.05


class NIJIGAN_OT_sidecar(bpy.types.Operator):
    """Do something about the sidecar, which draws"""

    bl_idname = "nijigan.sidecar"
    bl_label = "Sidecar"

    action: bpy.props.EnumProperty(
        items=[
            (
                "INSTALL",
                "Install",
                "Install nijigan, with what it needs, into a folder of its own, and start it. "
                "Takes about 250 MB",
            ),
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
    def description(cls, _context: bpy.types.Context, properties: Any) -> str:
        """Return the words for the button that is pointed at."""
        action: Any = cls.bl_rna.properties["action"]
        return str(action.enum_items[properties.action].description)

    def execute(self, _context: bpy.types.Context) -> "Returned":
        """Do it; what takes time goes on by itself, or without a window is waited for."""
        if self.action == "SETTINGS":
            bpy.ops.preferences.addon_show(module=__package__)
        elif self.action == "STYLES_FOLDER":
            (data_dir() / "styles").mkdir(parents=True, exist_ok=True)
            bpy.ops.wm.path_open(filepath=str(data_dir() / "styles"))
        elif self.action == "LOG":
            bpy.ops.wm.path_open(filepath=str(last_log()))
        elif self.action == "INSTALL" and not bpy.app.online_access:
            self.report({"ERROR"}, "Allow Online Access in Preferences, System, first.")
            return {"CANCELLED"}
        else:
            return self._act()
        return {"FINISHED"}

    def _act(self) -> "Returned":
        sidecar = session().sidecar
        if self.action == "INSTALL":
            sidecar.install(package())
        else:
            getattr(sidecar, self.action.lower())()
        while bpy.app.background and sidecar.busy:
            time.sleep(_WAIT_SECONDS)
        kind, line = sidecar.condition[:2]
        if bpy.app.background and self.action in _STARTING and kind is not Kind.READY:
            self.report({"ERROR"}, line)
            return {"CANCELLED"}
        return {"FINISHED"}


class NIJIGAN_OT_cancel(bpy.types.Operator):
    """Stop drawing; nothing is left of it"""

    bl_idname = "nijigan.cancel"
    bl_label = "Cancel"

    def execute(self, _context: bpy.types.Context) -> "Returned":
        """Stop it."""
        session().jobs.cancel_all()
        return {"FINISHED"}


class NIJIGAN_OT_copy_diagnostics(bpy.types.Operator):
    """Copy what somebody who wants to help needs to know"""

    bl_idname = "nijigan.copy_diagnostics"
    bl_label = "Copy Diagnostics"

    def execute(self, context: bpy.types.Context) -> "Returned":
        """Copy it."""
        context.window_manager.clipboard = session().diagnostics()
        self.report({"INFO"}, "Diagnostics are in the clipboard")
        return {"FINISHED"}


CLASSES = (NIJIGAN_OT_sidecar, NIJIGAN_OT_cancel, NIJIGAN_OT_copy_diagnostics)
