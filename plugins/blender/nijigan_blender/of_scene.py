# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a scene, which type checkers do not know it has."""

from typing import TYPE_CHECKING, cast

import bpy

if TYPE_CHECKING:
    from nijigan_blender.settings import NijiganSettings


def settings_of(scene: bpy.types.Scene) -> "NijiganSettings":
    """Return how to draw in this scene."""
    return cast("NijiganSettings", scene.nijigan)  # type: ignore[attr-defined]


def scene_of(context: bpy.types.Context) -> bpy.types.Scene:
    """Return the scene, which there always is where an operator runs."""
    assert context.scene is not None, "Blender has one"
    return context.scene
