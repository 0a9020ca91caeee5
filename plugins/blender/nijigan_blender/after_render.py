# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws each render, where the scene asks for it.

What Blender renders to files is drawn beside them, while it renders on. What it shows (F12) is
drawn and shown when it is done.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from nijigan.client import Client
from nijigan.client.errors import StylizerError
from nijigan_blender.folder import drawn_folder
from nijigan_blender.of_scene import settings_of
from nijigan_host.drawing import Look
from nijigan_host.errors import SourceError
from nijigan_host.job import Job, State
from nijigan_host.jobs import Jobs
from nijigan_host.written_files import DrawnFile, WrittenFile, WrittenFiles, file_drawing

_READABLE = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
_WAIT_SECONDS = 0.1


class AfterRender:
    """What has been rendered and is to be drawn.

    Blender calls the handlers while it renders, on the thread that does, where none of its data may
    be changed. So what begins with `note` notes paths and names; `take_up` does the rest.

    client: see `drawing`. jobs, document: where its jobs run. errors: what could not be drawn.
    """

    def __init__(
        self, client: Callable[[], Client], jobs: Jobs, document: str, errors: list[str]
    ) -> None:
        self._client = client
        self._jobs = jobs
        self._document = document
        self._errors = errors
        self._files = WrittenFiles()
        self._look: Look | None = None  # of the files
        self._steady = True
        self._job: Job[DrawnFile] | None = None
        self._wrote = False  # whether the render goes to files
        self._shown = ""  # the scene whose render is to be drawn and shown

    def note_begin(self, scene: bpy.types.Scene) -> None:
        """A render begins."""
        self._wrote, self._shown, self._files.state = False, "", b""
        if settings_of(scene).after_render:
            self._errors.clear()

    def note_file(self, scene: bpy.types.Scene) -> None:
        """A frame has been written to its file."""
        if not settings_of(scene).after_render:
            return
        self._wrote = True
        name = f"Frame {scene.frame_current}"
        try:
            source = _written(scene)
            self._look, self._steady = settings_of(scene).look(), settings_of(scene).steady
            drawn = drawn_folder(scene) / f"{scene.frame_current:04d}.png"
        except StylizerError as error:
            self._tell(f"{name}: {error}")
        else:
            self._files.put(WrittenFile(name, source, drawn))
        if bpy.app.background:  # there is no timer
            self.take_up()

    def note_end(self, scene: bpy.types.Scene, done: bool) -> None:
        """All is rendered, or it was cancelled. Without a window this waits for the drawings."""
        if done and settings_of(scene).after_render and not self._wrote and self._is_idle:
            self._shown = scene.name
        while bpy.app.background and (self._files.count or self._job):
            self.take_up()
            if self._job is not None:
                self._job.wait(_WAIT_SECONDS)

    def take_up(self) -> None:
        """Begin to draw what waits; note what has been drawn. On Blender's thread, now and then."""
        if self._job is not None:
            self._note_drawn(self._job)
        if not self._is_idle:
            return
        if self._files.count and self._look is not None:
            work = file_drawing(self._client, self._files, self._look, self._steady)
            self._job = self._jobs.begin(self._document, work, "Drawing files")
        elif self._shown and not bpy.app.is_job_running("RENDER"):
            self._draw_shown()

    @property
    def _is_idle(self) -> bool:
        return self._job is None and self._jobs.of(self._document) is None

    def _note_drawn(self, job: Job[DrawnFile]) -> None:
        ended = job.state is not State.RUNNING  # before looking: what came until then is there
        for file, error in job.take():
            if error is not None:
                self._tell(f"{file.name}: {error}")
        if not ended:
            return
        self._job = None
        if job.state is not State.DONE:
            for file in self._files.take():
                self._tell(f"{file.name}: not drawn.")
            self._tell(str(job.error or "Cancelled."))

    def _tell(self, text: str) -> None:
        """Show it in the panel; without a window, where a farm looks."""
        self._errors.append(text)
        if bpy.app.background:
            print(f"nijigan: {text}", file=sys.stderr, flush=True)

    def _draw_shown(self) -> None:
        """Have "Stylize Render" do it, in a window that shows the scene."""
        name, self._shown = self._shown, ""
        for window in bpy.context.window_manager.windows:
            if window.scene.name == name:
                with bpy.context.temp_override(window=window, screen=window.screen):
                    self._stylize_render()
                return

    def _stylize_render(self) -> None:
        operators: Any = bpy.ops
        try:
            operators.nijigan.stylize_render("INVOKE_DEFAULT", write=True)
        except RuntimeError as error:  # what it has reported
            self._tell(str(error).strip().removeprefix("Error: "))


def _written(scene: bpy.types.Scene) -> Path:
    """Return the file that Blender has written for the current frame.

    Raises:
        SourceError: it is none that the sidecar reads.
    """
    path = Path(scene.render.frame_path(frame=scene.frame_current))
    if scene.render.is_movie_format or path.suffix.lower() not in _READABLE:
        raise SourceError(
            f"{path.name} is not drawn: it is no PNG, JPEG, TIFF or WebP.",
            "Render to one, or use Stylize Animation.",
        )
    return path
