# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator "Stylize Render"."""

import bpy

from nijigan_blender.drawn_images import drawn_images, show
from nijigan_blender.folder import drawn_folder
from nijigan_blender.frame_file import write_image
from nijigan_blender.of_scene import scene_of, settings_of
from nijigan_blender.rendered import SUFFIXES, render_picture
from nijigan_blender.running import Runs, Steps
from nijigan_blender.session import session


class NIJIGAN_OT_stylize_render(Runs):
    """Draw the last render anew, as a new image"""

    bl_idname = "nijigan.stylize_render"
    bl_label = "Stylize Render"

    write: bpy.props.BoolProperty(
        name="Write", description="Write the drawing into the folder too, by the frame's number"
    )
    frame: bpy.props.IntProperty(
        name="Frame", description="The number of the frame; the current one's if not given"
    )

    def steps(self, context: bpy.types.Context, interactive: bool) -> Steps:
        """Draw it."""
        scene = scene_of(context)
        settings = settings_of(scene)
        given = self.properties.is_property_set("frame")
        number = self.frame if given else scene.frame_current
        name = f"{number:04d}{SUFFIXES[settings.colors]}"
        path = drawn_folder(scene) / name if self.write else None
        source = render_picture(scene, settings.colors)
        begun = session().after_render.begun
        images, errors = yield from drawn_images(self, settings.look(), [source], interactive)
        if errors:
            raise errors[0]
        for drawn in images.values():
            if begun == session().after_render.begun:  # what was rendered since stays in view
                show(context, drawn)
            if path is not None:
                write_image(scene, path, drawn)
