# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of drawn frames."""

from pathlib import Path

import bpy

from nijigan.client import Result
from nijigan_blender.file_format import written_as
from nijigan_blender.pixels import Origin, put_pixels


def write_frame(scene: bpy.types.Scene, path: Path, result: Result, origin: Origin) -> None:
    """Write a drawing to a file, PNG or EXR, which is whole or not there.

    Its values are written as they are, for what the view transform does is in them already, or will
    be done when the file is shown.

    Raises:
        OSError, RuntimeError: it cannot be written.
    """
    image = bpy.data.images.new(
        path.stem, result.width, result.height, alpha=True, float_buffer=origin.is_float
    )
    part = path.with_name(f"part{path.suffix}")
    try:
        image.alpha_mode = origin.alpha_mode
        put_pixels(image, result)
        if origin.is_float:  # `save` would write them as if for a screen
            with written_as(scene, "linear"):
                image.save_render(str(part), scene=scene)
        else:
            image.filepath_raw = str(part)
            image.file_format = "PNG"
            image.save()
        part.replace(path)
    finally:
        bpy.data.images.remove(image)
