# SPDX-License-Identifier: GPL-3.0-or-later
"""What files Blender writes, which is a setting of the scene."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy

from nijigan_blender.color_override import without_override

_FORMATS: dict[str, dict[str, Any]] = {
    "seen": {"file_format": "PNG", "color_mode": "RGBA", "color_depth": "8", "compression": 0},
    "linear": {"file_format": "OPEN_EXR", "color_mode": "RGBA", "color_depth": "32"},
}


@contextmanager
def written_as(scene: bpy.types.Scene, colors: str) -> Iterator[None]:
    """Have `save_render` write such files while the body runs.

    colors: "seen", with the view transform, as a render is shown; "linear", as the scene has it.
    """
    settings = scene.render.image_settings
    changes = _FORMATS[colors]
    if hasattr(settings, "media_type"):  # since 5.0; the formats that can be set depend on it
        changes = {"media_type": "IMAGE", **changes}
    before = {name: getattr(settings, name) for name in changes}
    dither = scene.render.dither_intensity
    with without_override(settings):  # around all of it: formats change its color space
        try:
            scene.render.dither_intensity = 0  # noise would be drawn
            for name, value in changes.items():
                setattr(settings, name, value)
            yield
        finally:
            scene.render.dither_intensity = dither
            for name, value in before.items():
                setattr(settings, name, value)
