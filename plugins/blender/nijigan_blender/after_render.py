# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws each render, where the scene asks for it.

What Blender renders to files is drawn beside them, while it renders on. What it shows (F12) is
drawn and shown when it is done.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

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


@dataclass
class _Files:
    """Those of one render, and how they are drawn."""

    waiting: WrittenFiles = field(default_factory=WrittenFiles)
    look: Look | None = None
    steady: bool = True


class _Shown(NamedTuple):
    """A render that is to be drawn and shown: its scene, and its frame."""

    scene: str
    frame: int


class AfterRender:
    """What has been rendered and is to be drawn.

    Blender calls the handlers while it renders, on the thread that does, where none of its data may
    be changed. So what begins with `note` notes paths and names; `take_up` does the rest.

    client: see `drawing`. jobs, document: where its jobs run. errors: what could not be drawn.
    begun: how many renders have begun.
    """

    def __init__(
        self, client: Callable[[], Client], jobs: Jobs, document: str, errors: list[str]
    ) -> None:
        self._client = client
        self._jobs = jobs
        self._document = document
        self._errors = errors
        self._renders = deque([_Files()])  # the last one is of what is being rendered
        self._drawing = self._renders[0]
        self._job: Job[DrawnFile] | None = None  # that draws its files
        self._ours = False  # whether Stylize Animation renders, which draws by itself
        self._wrote = False  # whether the render goes to files
        self._frame = 0  # that is rendered: people may go to another one meanwhile
        self._shown: _Shown | None = None
        self.begun = 0

    @contextmanager
    def left_out(self) -> Iterator[None]:
        """Have what is rendered while the body runs not drawn."""
        self._ours = True
        try:
            yield
        finally:
            self._ours = False

    def note_begin(self, scene: bpy.types.Scene) -> None:
        """A render begins."""
        self.begun += 1
        if self._ours:
            return
        if settings_of(scene).after_render and self._is_idle:
            self._errors.clear()
        waits = self._shown
        if waits is not None and waits != (scene.name, scene.frame_current):
            self._tell(f"Frame {waits.frame}: not drawn, for another one was rendered.")
        self._wrote, self._frame, self._shown = False, scene.frame_current, None
        self._renders.append(_Files())

    def note_file(self, scene: bpy.types.Scene) -> None:
        """A frame has been written to its file."""
        if self._ours or not settings_of(scene).after_render:
            return
        self._wrote = True
        files = self._renders[-1]
        name = f"Frame {scene.frame_current}"
        try:
            source = _written(scene)
            files.look, files.steady = settings_of(scene).look(), settings_of(scene).steady
            drawn = drawn_folder(scene) / f"{scene.frame_current:04d}.png"
        except StylizerError as error:
            self._tell(f"{name}: {error}")
        else:
            files.waiting.put(WrittenFile(name, source, drawn))
        if bpy.app.background:  # there is no timer
            self.take_up()

    def note_end(self, scene: bpy.types.Scene, done: bool) -> None:
        """All is rendered, or it was cancelled. Without a window this waits for the drawings."""
        if done and settings_of(scene).after_render and not self._wrote and not self._ours:
            self._shown = _Shown(scene.name, self._frame)
        while bpy.app.background and (self._next().waiting.count or self._job):
            self.take_up()
            if self._job is not None:
                self._job.wait(_WAIT_SECONDS)

    def take_up(self) -> None:
        """Begin to draw what waits; note what has been drawn. On Blender's thread, now and then."""
        if self._job is not None:
            self._note_drawn(self._job)
        if not self._is_idle:
            return
        files = self._next()
        if files.waiting.count and files.look is not None:
            self._drawing = files
            work = file_drawing(self._client, files.waiting, files.look, files.steady)
            self._job = self._jobs.begin(self._document, work, "Drawing files")
        elif self._shown is not None and not bpy.app.is_job_running("RENDER"):
            shown, self._shown = self._shown, None
            self._draw_shown(shown)

    @property
    def _is_idle(self) -> bool:
        return self._job is None and self._jobs.of(self._document) is None

    def _next(self) -> _Files:
        """Return the files that are drawn next: those of a render after all of the one before."""
        while len(self._renders) > 1 and not self._renders[0].waiting.count:
            self._renders.popleft()
        return self._renders[0]

    def _note_drawn(self, job: Job[DrawnFile]) -> None:
        ended = job.state is not State.RUNNING  # before looking: what came until then is there
        for file, error in job.take():
            if error is not None:
                self._tell(f"{file.name}: {error}")
        if not ended:
            return
        self._job = None
        if job.state is not State.DONE:
            for file in self._drawing.waiting.take():
                self._tell(f"{file.name}: not drawn.")
            self._tell(str(job.error or "Cancelled."))

    def _tell(self, text: str) -> None:
        """Show it in the panel; without a window, where a farm looks."""
        self._errors.append(text)
        if bpy.app.background:
            print(f"nijigan: {text}", file=sys.stderr, flush=True)

    def _draw_shown(self, shown: _Shown) -> None:
        """Have "Stylize Render" do it, in a window that shows the scene."""
        for window in bpy.context.window_manager.windows:
            if window.scene.name == shown.scene:
                with bpy.context.temp_override(window=window, screen=window.screen):
                    self._stylize_render(shown.frame)
                return

    def _stylize_render(self, frame: int) -> None:
        operators: Any = bpy.ops
        try:
            operators.nijigan.stylize_render("INVOKE_DEFAULT", write=True, frame=frame)
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
