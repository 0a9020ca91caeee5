# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator "Stylize Render"."""

import bpy

from nijigan_blender.drawn_images import drawn_images, show
from nijigan_blender.folder import drawn_folder
from nijigan_blender.frame_file import write_image
from nijigan_blender.of_scene import scene_of, settings_of
from nijigan_blender.rendered import SUFFIXES, render_picture
from nijigan_blender.running import Runs, Steps


class NIJIGAN_OT_stylize_render(Runs):
    """Draw the last render anew, as a new image"""

    bl_idname = "nijigan.stylize_render"
    bl_label = "Stylize Render"

    write: bpy.props.BoolProperty(
        name="Write", description="Write the drawing into the folder too, by the frame's number"
    )

    def steps(self, context: bpy.types.Context, interactive: bool) -> Steps:
        """Draw it."""
        scene = scene_of(context)
        settings = settings_of(scene)
        name = f"{scene.frame_current:04d}{SUFFIXES[settings.colors]}"
        path = drawn_folder(scene) / name if self.write else None
        source = render_picture(scene, settings.colors)
        images, errors = yield from drawn_images(self, settings.look(), [source], interactive)
        if errors:
            raise errors[0]
        for drawn in images.values():
            show(context, drawn)
            if path is not None:
                write_image(scene, path, drawn)
