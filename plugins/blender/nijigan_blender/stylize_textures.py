# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator "Stylize Textures"."""

from collections.abc import Generator
from typing import NamedTuple

import bpy

from nijigan.client.errors import StylizerError
from nijigan_blender.drawn_images import drawn_images
from nijigan_blender.materials import color_textures, switch_textures
from nijigan_blender.of_scene import scene_of, settings_of
from nijigan_blender.pixels import Origin, origin_of, picture_of
from nijigan_blender.running import Runs, Steps
from nijigan_blender.session import session
from nijigan_blender.tiled_image import Tiles, put_together, tiles_of
from nijigan_host.drawing import Picture
from nijigan_host.errors import SourceError

_TILED = "TILED"


class _Read(NamedTuple):
    """Pictures of textures, which of them are tiles of one, and why others cannot be read."""

    sources: list[tuple[Picture, Origin]]
    tiled: list[Tiles]
    errors: list[StylizerError]


class NIJIGAN_OT_stylize_textures(Runs):
    """Draw the color textures of the selected objects anew, in materials of their own"""

    bl_idname = "nijigan.stylize_textures"
    bl_label = "Stylize Textures"

    def steps(self, context: bpy.types.Context, interactive: bool) -> Steps:
        """Draw them."""
        names = {item.name for item in context.selected_objects if item.library is None}
        read = yield from _read([image.name_full for image in color_textures(_objects(names))])
        if not read.sources:
            raise (
                read.errors[0]
                if read.errors
                else SourceError(
                    "The selected objects have no image texture with colors.",
                    "Select others, or give their materials one.",
                )
            )
        scene = scene_of(context)
        look = settings_of(scene).look()
        images, errors = yield from drawn_images(self, look, read.sources, interactive)
        for tiles in read.tiled:
            if all(origin.key in images for origin in tiles.origins.values()):
                images[tiles.key] = put_together(scene, tiles, images, look.style)
        switch_textures(_objects(names), images, look.style)
        for error in [*read.errors, *errors]:
            self.report({"WARNING"}, str(error))


def _read(keys: list[str]) -> Generator[None, None, _Read]:
    """Read each that can be read. By name: while Blender goes on, undo may replace them."""
    read = _Read([], [], [])
    for key in keys:
        try:
            for image in [image for image in bpy.data.images if image.name_full == key]:
                if image.source == _TILED:
                    tiles = tiles_of(image)
                    read.tiled.append(tiles)
                    read.sources.extend(
                        (tiles.pictures[n], tiles.origins[n]) for n in tiles.origins
                    )
                else:
                    read.sources.append((picture_of(image), origin_of(image)))
        except StylizerError as error:
            read.errors.append(error)
        yield
    session().errors.extend(str(error) for error in read.errors)
    return read


def _objects(names: set[str]) -> list[bpy.types.Object]:
    """By name: while the sidecar drew, undo may have replaced them."""
    return [item for item in bpy.data.objects if item.library is None and item.name in names]
