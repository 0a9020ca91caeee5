# SPDX-License-Identifier: GPL-3.0-or-later
"""How operators run a job: in steps of a timer, or, for scripts, until it is done."""

import traceback
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import bpy

from nijigan.client.errors import StylizerError
from nijigan_blender.session import session
from nijigan_host.job import Job, State

if TYPE_CHECKING:
    Returned = set[bpy.stub_internal.rna_enums.OperatorReturnItems]

Steps = Generator[None, None, None]
_TIMER_SECONDS = 0.1
_AREAS = ("IMAGE_EDITOR", "VIEW_3D", "PROPERTIES")


class Runs(bpy.types.Operator):
    """What operators that run a job have in common.

    `steps` does the work on Blender's thread, a little at a time, and yields in between, when
    Blender goes on. It raises a StylizerError where it cannot go on.
    """

    bl_options = {"UNDO"}  # noqa: RUF012 - Blender reads it so
    cancelled = False

    def steps(self, context: bpy.types.Context, interactive: bool) -> Steps:
        """Do the work."""
        raise NotImplementedError

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Blender asks whether the button can be pressed."""
        return session().job is None

    def execute(self, context: bpy.types.Context) -> "Returned":
        """Wait until it is done, as scripts want it."""
        try:
            for _ in self.steps(context, interactive=False):
                running = session().job
                if running is not None:
                    running.wait(_TIMER_SECONDS)
        except StylizerError as error:
            return self._fail(error)
        return self._end()

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> "Returned":
        """Go on in steps of a timer."""
        self._steps = self.steps(context, interactive=True)
        result = self._step(context)
        if result == {"RUNNING_MODAL"}:
            manager = context.window_manager
            self._timer = manager.event_timer_add(_TIMER_SECONDS, window=context.window)
            manager.modal_handler_add(self)
        return result

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> "Returned":
        """Take a step, or Esc."""
        if event.type == "ESC" and event.value == "PRESS":
            running = session().job
            if running is not None:
                running.cancel.set()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        result = self._step(context)
        if result == {"RUNNING_MODAL"}:
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self._timer)
        return result

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender calls it when the file or the window is closed meanwhile."""
        session().jobs.cancel_all()
        context.window_manager.event_timer_remove(self._timer)
        self._steps.close()
        context.workspace.status_text_set(None)

    def _step(self, context: bpy.types.Context) -> "Returned":
        if not bpy.app.is_job_running("RENDER"):  # see `redraw`
            redraw(context)
            _tell_status(context)
        try:
            next(self._steps)
        except StopIteration:
            result = self._end()
        except StylizerError as error:
            result = self._fail(error)
        except Exception as error:  # ours, or what was drawn is gone; the timer must not stay
            session().errors.append(traceback.format_exc())
            result = self._fail(StylizerError(f"{type(error).__name__}: {error}.", "Retry."))
        else:
            return {"RUNNING_MODAL"}
        context.workspace.status_text_set(None)
        return result

    def _end(self) -> "Returned":
        return {"CANCELLED"} if self.cancelled else {"FINISHED"}

    def _fail(self, error: StylizerError) -> "Returned":
        now = session()
        now.errors.append(str(error))
        now.sidecar.look()
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}

    def until_done(self, job: Job[Any]) -> Steps:
        """Yield until a job has ended, showing its draft; set `cancelled` where it was.

        Raises:
            StylizerError: what it failed with.
        """
        thumbnails = session().thumbnails
        try:
            while job.state is State.RUNNING:
                draft = job.take_preview()
                if draft is not None:
                    thumbnails.show_draft(draft)
                yield
        finally:
            thumbnails.hide_draft()
            job.cancel.set()  # where Blender has left the steps
        if job.error is not None:
            if job.trace:
                session().errors.append(job.trace)
            raise job.error
        self.cancelled = job.state is State.CANCELLED


def redraw(context: bpy.types.Context) -> None:
    """Have the panels shown as things are now.

    Not to be called while Blender renders: panels and render engines share its flag of whether
    Python may change data, and where they run at once it can stay as it should not.
    """
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in _AREAS:
                area.tag_redraw()


def _tell_status(context: bpy.types.Context) -> None:
    """At the lower edge of the window, for panels may be hidden."""
    job = session().job
    if job is not None:
        fraction, stage = job.progress
        text = f"{job.name}: {stage}, {fraction:.0%}    Esc: Cancel"
        context.workspace.status_text_set(text)
