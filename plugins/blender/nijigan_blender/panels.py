# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels in the Image Editor, the 3D View and the output properties."""

import textwrap
from typing import Any

import bpy

from nijigan_blender.of_scene import scene_of, settings_of
from nijigan_blender.session import session
from nijigan_host.condition import Kind

_ICONS = {
    Kind.READY: "CHECKMARK",
    Kind.INSTALLING: "SORTTIME",
    Kind.STARTING: "SORTTIME",
    Kind.STOPPING: "SORTTIME",
}
_LOGGED = (Kind.INSTALLING, Kind.NOT_RUNNING, Kind.TROUBLE)  # where the log may say more
_LETTER_PX = 6.4
_BESIDE_PX = 70  # the icon, margins, and the tabs of a sidebar
_THUMBNAIL = 8.0
_MOST_ERRORS = 5


def draw_sidecar(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """How things stand with the sidecar, and the button that mends it."""
    now = session()
    now.panel_seen = True
    condition = now.sidecar.condition
    _lines(layout, context, condition.line, _ICONS.get(condition.kind, "ERROR"))
    if condition.kind is Kind.READY:
        _lines(layout, context, condition.address, "BLANK1")
    row = layout.row()
    if condition.mend is not None:
        row.operator("nijigan.sidecar", text=condition.mend.value).action = condition.mend.name
    if condition.kind in _LOGGED:
        row.operator("nijigan.sidecar", text="Log").action = "LOG"
    if condition.kind is Kind.READY:
        icon: Any
        for action, icon in (("RESTART", "FILE_REFRESH"), ("STOP", "QUIT")):
            row.operator("nijigan.sidecar", text="", icon=icon).action = action
    row.operator("nijigan.copy_diagnostics", text="", icon="COPYDOWN")


def draw_look(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """How to draw."""
    settings = settings_of(scene_of(context))
    if session().sidecar.condition.styles:
        layout.template_icon_view(settings, "style", show_labels=True, scale=_THUMBNAIL)
        layout.prop(settings, "style", text="")
    column = layout.column()
    column.use_property_split = True
    column.use_property_decorate = False
    column.prop(settings, "strength")
    column.prop(settings, "quality")
    column.prop(settings, "scale")
    if settings.scale == "pixels":
        column.prop(settings, "short_side")


def draw_job(layout: bpy.types.UILayout) -> bool:
    """Say how far the job is, with its draft and Cancel; return whether there is one."""
    now = session()
    job = now.job
    if job is None:
        return False
    fraction, stage = job.progress
    row = layout.row(align=True)
    row.progress(factor=fraction, text=f"{job.name}: {stage}")
    row.operator("nijigan.cancel", text="", icon="X")
    if now.thumbnails.draft:
        layout.template_icon(now.thumbnails.draft, scale=_THUMBNAIL)
    return True


class _Panel(bpy.types.Panel):
    bl_label = "nijigan"

    def draw(self, context: bpy.types.Context) -> None:
        """Lay it out."""
        layout = self.layout
        assert layout is not None, "Blender calls it with one"
        draw_sidecar(layout, context)
        draw_look(layout, context)
        if not draw_job(layout):
            self.draw_buttons(layout, context)

    def draw_buttons(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        """What can be drawn here."""
        raise NotImplementedError


class NIJIGAN_PT_image(_Panel):
    """In the Image Editor's sidebar."""

    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "UI"
    bl_category = "nijigan"

    def draw_buttons(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        """The image that is shown."""
        image = context.space_data.image
        if image is not None and image.type == "RENDER_RESULT":
            layout.prop(settings_of(scene_of(context)), "colors")
        layout.operator("nijigan.stylize_image", icon="IMAGE_DATA")


class NIJIGAN_PT_view(_Panel):
    """In the 3D View's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "nijigan"

    def draw_buttons(self, layout: bpy.types.UILayout, _context: bpy.types.Context) -> None:
        """The selected objects, and the render."""
        layout.operator("nijigan.stylize_textures", icon="TEXTURE")
        layout.operator("nijigan.stylize_render", icon="RENDER_RESULT")


class NIJIGAN_PT_output(_Panel):
    """In the output properties."""

    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "output"
    bl_options = {"DEFAULT_CLOSED"}  # noqa: RUF012 - Blender reads it so

    def draw_buttons(self, layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
        """The render, and the animation."""
        settings = settings_of(scene_of(context))
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(settings, "colors")
        column.operator("nijigan.stylize_render", icon="RENDER_RESULT")
        column.separator()
        column.prop(settings, "folder")
        column.prop(settings, "after_render")
        column.prop(settings, "steady")
        column.prop(settings, "anew")
        column.operator("nijigan.stylize_animation", icon="RENDER_ANIMATION")
        errors = session().frame_errors
        for error in errors[:_MOST_ERRORS]:
            _lines(column, context, error, "ERROR")
        if len(errors) > _MOST_ERRORS:
            column.label(text=f"and {len(errors) - _MOST_ERRORS} more: Copy Diagnostics")


CLASSES = (NIJIGAN_PT_image, NIJIGAN_PT_view, NIJIGAN_PT_output)


def _lines(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: Any) -> None:
    """A text of any length: labels alone are cut off."""
    scale = context.preferences.system.ui_scale
    width = (context.region.width if context.region else 300) / scale - _BESIDE_PX
    column = layout.column(align=True)
    for number, line in enumerate(textwrap.wrap(text, max(20, int(width / _LETTER_PX)))):
        column.label(text=line, icon="BLANK1" if number else icon)
