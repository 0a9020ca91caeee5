# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator "Stylize Animation"."""

import bpy

from nijigan.client import DrawnFrame
from nijigan.client.errors import StylizerError
from nijigan_blender.folder import blend_name, drawn_folder
from nijigan_blender.frame_file import write_frame
from nijigan_blender.of_scene import scene_of, settings_of
from nijigan_blender.pixels import Origin
from nijigan_blender.render_frame import render_frame
from nijigan_blender.rendered import SUFFIXES, render_picture
from nijigan_blender.running import Runs, Steps
from nijigan_blender.session import DOCUMENT, session
from nijigan_host.animation_folder import AnimationFolder
from nijigan_host.drawing import Look
from nijigan_host.errors import SourceError
from nijigan_host.file_name import file_name
from nijigan_host.frames import FrameQueue, frame_drawing
from nijigan_host.job import Job, State

_FORMATS = {"seen": "RGBA8", "linear": "RGBA32F"}


class NIJIGAN_OT_stylize_animation(Runs):
    """Render the scene's frames and draw them anew, into a folder; frames that are there stay"""

    bl_idname = "nijigan.stylize_animation"
    bl_label = "Stylize Animation"

    def steps(self, context: bpy.types.Context, interactive: bool) -> Steps:
        """Draw them, each while the next one is rendered."""
        scene = scene_of(context)
        settings = settings_of(scene)
        look = settings.look()
        self._colors = settings.colors
        self._folder = AnimationFolder(
            drawn_folder(scene) / file_name(look.style),
            f"{blend_name()}, {scene.name}",
            look,
            settings.steady,
            SUFFIXES[settings.colors],
        )
        frames = range(scene.frame_start, scene.frame_end + 1, scene.frame_step)
        # What has not been saved has no name that tells its frames from another's.
        anew = settings.anew or not bpy.data.filepath
        self._frames = list(frames) if anew else self._folder.missing(frames)
        self._origins: list[Origin] = []
        session().frame_errors.clear()
        if self._frames:
            yield from self._draw(scene, look, interactive)
        if not self.cancelled:
            self._show_result(scene, look, frames)

    def _draw(self, scene: bpy.types.Scene, look: Look, interactive: bool) -> Steps:
        now = session()
        self._make_folder()
        queue = FrameQueue()
        steady = settings_of(scene).steady
        state = self._folder.state_after(self._frames[0] - scene.frame_step) if steady else b""
        work = frame_drawing(
            now.sidecar.client,
            queue,
            len(self._frames),
            look,
            _FORMATS[self._colors],
            steady,
            state,
        )
        job = now.jobs.begin(DOCUMENT, work, "Drawing frames")
        frame_before = scene.frame_current
        try:
            yield from self._render(scene, queue, job, interactive)
            for _ in self.until_done(job):
                self._save(scene, job)
                yield
            self._save(scene, job)
        except StylizerError:
            self._save(scene, job)  # what was drawn before it went wrong
            raise
        finally:
            job.cancel.set()
            scene.frame_set(frame_before)

    def _render(
        self,
        scene: bpy.types.Scene,
        queue: FrameQueue,
        job: Job[DrawnFrame],
        interactive: bool,
    ) -> Steps:
        """Render each frame and hand it over.

        In a loop of our own: handlers of Blender's must not touch images while it renders.
        """
        for frame in self._frames:
            while queue.full and job.state is State.RUNNING:
                self._save(scene, job)
                yield
            if job.state is not State.RUNNING or job.cancel.is_set():
                break
            yield from render_frame(scene, frame, job, interactive)
            picture, origin = render_picture(scene, self._colors)
            self._origins.append(origin)
            queue.put(picture)
            self._save(scene, job)
            yield
        queue.end()

    def _save(self, scene: bpy.types.Scene, job: Job[DrawnFrame]) -> None:
        """Write the frames that have been drawn since."""
        errors = session().frame_errors
        for drawn in job.take():
            frame = self._frames[drawn.number]
            if drawn.result is None:
                errors.append(f"Frame {frame}: {drawn.error}")
                continue
            path = self._folder.frame_path(frame)
            try:
                write_frame(scene, path, drawn.result, self._origins[drawn.number])
                self._folder.note(frame, drawn.state)
            except (OSError, RuntimeError) as error:
                raise SourceError(
                    f"{path} cannot be written ({error}).", "Is there room on the disk?"
                ) from error

    def _make_folder(self) -> None:
        try:
            self._folder.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(
                f"{self._folder.path} cannot be written ({error}).", "Choose another folder."
            ) from error

    def _show_result(self, scene: bpy.types.Scene, look: Look, frames: range) -> None:
        """Load the frames as an image of their sequence, and tell of those that failed."""
        errors = session().frame_errors
        if errors:
            self.report({"WARNING"}, f"{len(errors)} of {len(frames)} frames were not drawn.")
        first = self._folder.frame_path(frames[0])
        if not first.is_file():
            return
        image = bpy.data.images.load(str(first), check_existing=True)
        image.name = f"{look.style} {scene.name}"
        image.source = "SEQUENCE"
        image.reload()  # where it was there, with frames that have been drawn anew since
