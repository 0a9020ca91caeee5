# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator "Stylize Image"."""

import bpy

from nijigan_blender.drawn_images import drawn_images, show
from nijigan_blender.of_scene import scene_of, settings_of
from nijigan_blender.pixels import origin_of, picture_of
from nijigan_blender.rendered import render_picture
from nijigan_blender.running import Runs, Steps
from nijigan_host.errors import SourceError

_RENDER = "RENDER_RESULT"


class NIJIGAN_OT_stylize_image(Runs):
    """Draw the image anew, as a new image"""

    bl_idname = "nijigan.stylize_image"
    bl_label = "Stylize Image"

    name: bpy.props.StringProperty(
        name="Image", description="Its name; the one in the editor where empty"
    )

    def steps(self, context: bpy.types.Context, interactive: bool) -> Steps:
        """Draw it."""
        image = self._image(context)
        settings = settings_of(scene_of(context))
        if image.type == _RENDER:
            source = render_picture(scene_of(context), settings.colors)
        else:
            source = picture_of(image), origin_of(image)
        images, errors = yield from drawn_images(self, settings.look(), [source], interactive)
        if errors:
            raise errors[0]
        for drawn in images.values():
            show(context, drawn)

    def _image(self, context: bpy.types.Context) -> bpy.types.Image:
        image: bpy.types.Image | None
        if self.name:
            image = bpy.data.images.get(self.name)
        else:
            image = getattr(context.space_data, "image", None)
        if image is None:
            what = f"no image {self.name!r}" if self.name else "no image in the editor"
            raise SourceError(f"There is {what}.", "Open one in the Image Editor.")
        found: bpy.types.Image = image
        return found
