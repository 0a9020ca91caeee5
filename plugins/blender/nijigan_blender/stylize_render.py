# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator "Stylize Render"."""

import bpy

from nijigan_blender.drawn_images import drawn_images, show
from nijigan_blender.rendered import render_picture
from nijigan_blender.running import Runs, Steps


class NIJIGAN_OT_stylize_render(Runs):
    """Draw the last render anew, as a new image"""

    bl_idname = "nijigan.stylize_render"
    bl_label = "Stylize Render"

    def steps(self, context: bpy.types.Context, interactive: bool) -> Steps:
        """Draw it."""
        settings = context.scene.nijigan
        source = render_picture(context.scene, settings.colors)
        images, errors = yield from drawn_images(self, settings.look(), [source], interactive)
        if errors:
            raise errors[0]
        for drawn in images.values():
            show(context, drawn)
