# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders the scene's frame, and lets Blender go on meanwhile where it has a window."""

from typing import Any

import bpy

from nijigan_blender.running import Steps
from nijigan_blender.session import session
from nijigan_host.errors import SourceError
from nijigan_host.job import Job


def render_frame(job: Job[Any], interactive: bool) -> Steps:
    """Render; cancel the job where the render is cancelled.

    Raises:
        SourceError: it cannot be rendered: there is no camera, say.
    """

    def cancel(*_: object) -> None:  # while it renders: nothing of Blender's may be touched here
        job.cancel.set()

    handlers = bpy.app.handlers.render_cancel
    handlers.append(cancel)
    try:
        with session().after_render.left_out():
            if not interactive:
                bpy.ops.render.render()
                return
            bpy.ops.render.render("INVOKE_DEFAULT")
            while bpy.app.is_job_running("RENDER"):
                yield
    except RuntimeError as error:
        raise SourceError(f"The frame cannot be rendered: {error}".rstrip()) from error
    finally:
        handlers.remove(cancel)
