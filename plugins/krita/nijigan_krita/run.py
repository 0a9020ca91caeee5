# SPDX-License-Identifier: GPL-3.0-or-later
"""One drawing, done a little at a time on Krita's thread, which is free in between."""

import traceback
from enum import Enum
from typing import Any, Callable, Generator, Optional

from nijigan.client.errors import StylizerError
from nijigan_host.bare_error import bare
from nijigan_host.job import Job, Preview, Progress, State
from nijigan_krita.qt import QtCore

# Each step yields the seconds after which the next one is wanted.
Steps = Generator[float, None, None]
_POLL_SECONDS = 0.03


class End(Enum):
    """How a run has ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Run:
    """Takes the steps that `begin` gives, until they end, fail or are cancelled.

    Cancelled steps are closed where they stand; what they must put back is in their `finally`.

    ended: called when it has. name: what is drawn, for people. end: None while it goes on. error:
    what it failed with. trace: where, if that was a fault of ours. note: what people should know
    about the result.
    """

    def __init__(
        self, name: str, steps: Callable[["Run"], Steps], ended: Callable[["Run"], None]
    ) -> None:
        self.name = name
        self.end: Optional[End] = None
        self.error: Optional[StylizerError] = None
        self.trace = ""
        self.note = ""
        self.cancelled = False
        self._committed = False
        self._job: Optional[Job[Any]] = None
        self._ended = ended
        self._steps = steps(self)
        self._timer = QtCore.QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._step)

    def begin(self) -> None:
        """Take the first step at the next turn of Krita's loop."""
        self._timer.start(0)

    def cancel(self) -> None:
        """Stop it; nothing is left of it."""
        if self._committed:
            return
        self.cancelled = True
        if self._job is not None:
            self._job.cancel.set()

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(0.0, "reading") if self._job is None else self._job.progress

    def take_preview(self) -> Optional[Preview]:
        """Return the draft, where one has come since."""
        return None if self._job is None else self._job.take_preview()

    def commit(self) -> None:
        """Say that the document has been changed: what follows is not cancelled any more."""
        self._committed = True

    def follow(self, job: Job[Any]) -> None:
        """Show how far this job is; cancel it with the run."""
        self._job = job

    def until_done(self, job: Job[Any]) -> Steps:
        """Yield until a job of this run has ended.

        Raises:
            StylizerError: what it failed with.
        """
        self.follow(job)
        try:
            while job.state is State.RUNNING:
                yield _POLL_SECONDS
        finally:
            job.cancel.set()  # where the steps were closed
        if job.error is not None:
            self.trace = job.trace
            raise job.error

    def _step(self) -> None:
        if self.cancelled:
            self._steps.close()
            self._end(End.CANCELLED)
            return
        try:
            seconds = next(self._steps)
        except StopIteration:
            self._end(End.DONE)
        except StylizerError as error:
            self._fail(error)
        except Exception as error:  # ours, or what was drawn is gone; Krita must go on
            self.trace = traceback.format_exc()
            self._fail(StylizerError(f"{type(error).__name__}: {error}.", "Copy diagnostics."))
        else:
            self._timer.start(round(1000 * seconds))

    def _fail(self, error: StylizerError) -> None:
        self.error = bare(error)
        self._end(End.FAILED)

    def _end(self, end: End) -> None:
        self.end = end
        self._job = None  # with what it has drawn, where nobody has taken that
        self._ended(self)
