# SPDX-License-Identifier: GPL-3.0-or-later
"""The render's picture.

Blender gives the pixels of a render to files alone, so it goes through one.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import bpy

from nijigan_blender.file_format import written_as
from nijigan_blender.pixels import Origin, origin_of, picture_of
from nijigan_host.drawing import Picture
from nijigan_host.errors import SourceError

_RENDER = "Render Result"
SUFFIXES = {"seen": ".png", "linear": ".exr"}


def render_picture(scene: bpy.types.Scene, colors: str) -> tuple[Picture, Origin]:
    """Return the last render, `colors` "seen" or "linear", and what a drawing of it is like.

    A drawing of "seen" has 8 bits and is in sRGB, with the view transform in it: Blender shows it
    as it is. One of "linear" has floats, and is shown through the view transform.

    Raises:
        SourceError: there is none.
    """
    render = bpy.data.images.get(_RENDER)
    if render is None:
        raise _nothing_rendered()
    with TemporaryDirectory(prefix="nijigan-") as folder:
        path = Path(folder, f"render{SUFFIXES[colors]}")
        with written_as(scene, colors):
            try:
                render.save_render(str(path), scene=scene)
            except RuntimeError as error:
                raise _nothing_rendered() from error
        if not path.is_file():
            raise _nothing_rendered()
        image = bpy.data.images.load(str(path))
        try:
            return picture_of(image), origin_of(image)._replace(name="Render")
        finally:
            bpy.data.images.remove(image)


def _nothing_rendered() -> SourceError:
    return SourceError("There is no render.", "Render first (F12).")
