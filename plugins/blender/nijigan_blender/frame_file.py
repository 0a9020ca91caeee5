# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of drawings."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy

from nijigan.client import Result
from nijigan_blender.file_format import written_as
from nijigan_blender.pixels import Origin, put_pixels
from nijigan_host.errors import SourceError

# Since 4.3, without it the image would be that of the file from then on.
_IMAGE: Any = bpy.types.Image.bl_rna
_HAS_COPY = "save_copy" in _IMAGE.functions["save"].parameters
_COPY: dict[str, Any] = {"save_copy": True} if _HAS_COPY else {}


def write_frame(scene: bpy.types.Scene, path: Path, result: Result, origin: Origin) -> None:
    """Write a drawing to a file, as `save_image` does.

    Raises:
        OSError, RuntimeError: it cannot be written.
    """
    image = bpy.data.images.new(
        path.stem, result.width, result.height, alpha=True, float_buffer=origin.is_float
    )
    try:
        image.alpha_mode = origin.alpha_mode
        put_pixels(image, result)
        save_image(scene, path, image)
    finally:
        bpy.data.images.remove(image)


def write_image(scene: bpy.types.Scene, path: Path, image: bpy.types.Image) -> None:
    """Write a drawing to a file, as `save_image` does, and make its folder.

    Raises:
        SourceError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_image(scene, path, image)
    except (OSError, RuntimeError) as error:
        raise SourceError(
            f"{path} cannot be written ({error}).", "Choose another folder."
        ) from error


def save_image(scene: bpy.types.Scene, path: Path, image: bpy.types.Image) -> None:
    """Write an image to a file, EXR where it has floats, else PNG, which is whole or not there.

    Its values are written as they are, for what the view transform does is in them already, or will
    be done when the file is shown.

    Raises:
        OSError, RuntimeError: it cannot be written.
    """
    part = path.with_name(f"part{path.suffix}")
    try:
        if image.is_float:  # `save` would write them as if for a screen
            with written_as(scene, "linear"):
                image.save_render(str(part), scene=scene)
        else:
            image.file_format = "PNG"
            image.save(filepath=str(part), **_COPY)
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink()
