# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator "Stylize Textures"."""

import bpy

from nijigan_blender.drawn_images import drawn_images
from nijigan_blender.materials import color_textures, switch_textures
from nijigan_blender.of_scene import scene_of, settings_of
from nijigan_blender.pixels import origin_of, picture_of
from nijigan_blender.running import Runs, Steps
from nijigan_blender.tiled_image import put_together, tiles_of
from nijigan_host.errors import SourceError

_TILED = "TILED"


class NIJIGAN_OT_stylize_textures(Runs):
    """Draw the color textures of the selected objects anew, in materials of their own"""

    bl_idname = "nijigan.stylize_textures"
    bl_label = "Stylize Textures"

    def steps(self, context: bpy.types.Context, interactive: bool) -> Steps:
        """Draw them."""
        names = [item.name for item in context.selected_objects if item.library is None]
        textures = color_textures(_objects(names))
        if not textures:
            raise SourceError(
                "The selected objects have no image texture with colors.",
                "Select others, or give their materials one.",
            )
        tiled = [tiles_of(image) for image in textures if image.source == _TILED]
        sources = [
            (picture_of(image), origin_of(image)) for image in textures if image.source != _TILED
        ]
        sources += [(t.pictures[n], t.origins[n]) for t in tiled for n in t.origins]
        look = settings_of(scene_of(context)).look()
        images, errors = yield from drawn_images(self, look, sources, interactive)
        for tiles in tiled:
            if all(origin.key in images for origin in tiles.origins.values()):
                images[tiles.key] = put_together(scene_of(context), tiles, images, look.style)
        switch_textures(_objects(names), images, look.style)
        for error in errors:
            self.report({"WARNING"}, str(error))


def _objects(names: list[str]) -> list[bpy.types.Object]:
    """By name: while the sidecar drew, undo may have replaced them."""
    return [bpy.data.objects[name] for name in names if name in bpy.data.objects]
