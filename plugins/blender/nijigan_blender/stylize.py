# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator for scripts, which says all that buttons take from the scene's settings."""

from pathlib import Path

import bpy

from nijigan_blender.drawn_images import drawn_images
from nijigan_blender.frame_file import write_image
from nijigan_blender.of_scene import scene_of, settings_of
from nijigan_blender.pixels import origin_of, picture_of
from nijigan_blender.rendered import render_picture
from nijigan_blender.running import Runs, Steps
from nijigan_blender.settings import QUALITIES
from nijigan_host.drawing import Look
from nijigan_host.errors import SourceError


class NIJIGAN_OT_stylize(Runs):
    """Draw an image or the last render, as a new image and into a file"""

    bl_idname = "nijigan.stylize"
    bl_label = "Stylize"

    image: bpy.props.StringProperty(
        name="Image", description="Its name; the last render where empty"
    )
    style: bpy.props.StringProperty(name="Style", description="Its name; the scene's where empty")
    strength: bpy.props.FloatProperty(
        name="Strength", description="The scene's if not given", default=1.0, min=0.0, max=1.0
    )
    quality: bpy.props.EnumProperty(
        name="Quality", description="The scene's if not given", items=QUALITIES, default="normal"
    )
    short_side: bpy.props.IntProperty(
        name="Short Side",
        description="At which lines and regions are drawn, in pixels; 0 is the picture's own. The "
        "scene's scale if not given",
        min=0,
        max=8192,
    )
    filepath: bpy.props.StringProperty(
        name="File",
        description="Where the drawing is written, a PNG, or an EXR where it has floats; nowhere "
        "where empty",
        subtype="FILE_PATH",
    )

    def steps(self, context: bpy.types.Context, interactive: bool) -> Steps:
        """Draw it."""
        scene = scene_of(context)
        if self.image:
            image = bpy.data.images.get(self.image)
            if image is None:
                raise SourceError(f"There is no image {self.image!r}.", "Give another name.")
            source = picture_of(image), origin_of(image)
        else:
            source = render_picture(scene, settings_of(scene).colors)
        images, errors = yield from drawn_images(self, self._look(scene), [source], interactive)
        if errors:
            raise errors[0]
        if self.filepath:
            for drawn in images.values():
                write_image(scene, Path(bpy.path.abspath(self.filepath)), drawn)

    def _look(self, scene: bpy.types.Scene) -> Look:
        given = self.properties.is_property_set
        look: Look = settings_of(scene).look(self.style)
        if given("strength"):
            look = look._replace(strength=self.strength)
        if given("quality"):
            look = look._replace(quality=self.quality)
        if given("short_side"):
            look = look._replace(scale=self.short_side or "native")
        return look
