# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws renders, images, textures and animations anew, by a nijigan sidecar."""

from typing import Any

import bpy

from nijigan_blender import (
    panels,
    preferences,
    pump,
    render_handlers,
    session,
    settings,
    sidecar_operators,
    stylize,
    stylize_animation,
    stylize_image,
    stylize_render,
    stylize_textures,
)

_CLASSES = (
    preferences.NijiganPreferences,
    settings.NijiganSettings,
    *sidecar_operators.CLASSES,
    stylize.NIJIGAN_OT_stylize,
    stylize_image.NIJIGAN_OT_stylize_image,
    stylize_render.NIJIGAN_OT_stylize_render,
    stylize_textures.NIJIGAN_OT_stylize_textures,
    stylize_animation.NIJIGAN_OT_stylize_animation,
    *panels.CLASSES,
)


def register() -> None:
    """Blender calls it when the extension is enabled."""
    session.begin()
    for each in _CLASSES:
        bpy.utils.register_class(each)
    scene_type: Any = bpy.types.Scene
    scene_type.nijigan = bpy.props.PointerProperty(type=settings.NijiganSettings)
    render_handlers.begin()
    pump.begin()


def unregister() -> None:
    """Blender calls it when the extension is disabled: nothing of it stays."""
    pump.end()
    render_handlers.end()
    scene_type: Any = bpy.types.Scene
    del scene_type.nijigan
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
    session.end()
