# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders the scene's frame, and lets Blender go on meanwhile where it has a window."""

from typing import Any

import bpy

from nijigan_blender.running import Steps
from nijigan_blender.session import session
from nijigan_host.errors import SourceError
from nijigan_host.job import Job

_RENDER: Any = "RENDER"


def render_frame(scene: bpy.types.Scene, frame: int, job: Job[Any], interactive: bool) -> Steps:
    """Render a frame, once nothing else is rendered; cancel the job where the render is cancelled.

    Raises:
        SourceError: it cannot be rendered: there is no camera, say.
    """

    def cancel(*_: object) -> None:  # while it renders: nothing of Blender's may be touched here
        job.cancel.set()

    while bpy.app.is_job_running(_RENDER):  # people's own
        yield
    if job.cancel.is_set():
        return
    handlers = bpy.app.handlers.render_cancel
    handlers.append(cancel)
    try:
        with session().after_render.left_out():
            scene.frame_set(frame)
            yield from _render(scene, job, interactive)
    except RuntimeError as error:
        raise SourceError(f"The frame cannot be rendered: {error}".rstrip()) from error
    finally:
        handlers.remove(cancel)


def _render(scene: bpy.types.Scene, job: Job[Any], interactive: bool) -> Steps:
    before = session().after_render.begun
    how = "INVOKE_DEFAULT" if interactive else "EXEC_DEFAULT"
    result: Any = bpy.ops.render.render(how, scene=scene.name)
    if "CANCELLED" in result and not job.cancel.is_set():
        raise SourceError("The frame cannot be rendered: Blender does not begin.", "Try again.")
    while bpy.app.is_job_running(_RENDER):
        yield
    if session().after_render.begun > before + 1:  # and what there is now is of that
        raise SourceError(
            "Another render came between.",
            "Press Stylize Animation again: frames that are done stay.",
        )
