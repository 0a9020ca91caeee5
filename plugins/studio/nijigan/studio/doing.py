"""What the page has for something that takes a while: a line that says how it goes, and Cancel."""

import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import gradio as gr

from nijigan.client.errors import CancelledError, StylizerError
from nijigan.core.errors import CancelledError as CoreCancelledError
from nijigan.core.errors import NijiganError
from nijigan.studio import markup
from nijigan.studio.events import DIRECT
from nijigan.studio.sessions import Session
from nijigan.studio.studio import Studio
from nijigan.studio.work import Work

# How often the page asks: while something is done, and else. It never stops, and it asks after what
# it was told to have begun: answers may come in another order than they were given in, so "it has
# ended" may come after the next "it has begun", or before its own.
_SOON_SECONDS, _LATER_SECONDS = 0.2, 2.0
Updates = Sequence[Any]
Task = Callable[..., Updates]


class RefusedError(Exception):
    """A task has failed with `error`, and there is something to show nevertheless: `updates`."""

    def __init__(self, error: Exception, updates: Updates) -> None:
        super().__init__(str(error))
        self.error = error
        self.updates = updates


class Doing:
    """The line and the button of one view, which does one thing at a time."""

    def __init__(self, studio: Studio, view: str) -> None:
        self._studio = studio
        self._view = view
        with gr.Row(elem_classes="doing-row"):
            self.line = gr.HTML("", elem_id=f"{view}-line", elem_classes="line")
            self.cancel = gr.Button(
                "Cancel", visible=False, size="sm", scale=0, elem_id=f"{view}-cancel"
            )
        self._timer = gr.Timer(_SOON_SECONDS, active=False)
        self._ticket = gr.Textbox(visible="hidden")
        self.cancel.click(self._cancel, **DIRECT)

    def begins(
        self, button: gr.Button, task: Task, inputs: Sequence[gr.components.Component]
    ) -> None:
        """Let a button begin a task.

        task: called on a thread with the work, the session and the values of `inputs`; returns the
        updates of what `shows` was told. It raises errors that the line shows.
        """

        def begin(request: gr.Request, *values: Any) -> Updates:
            try:
                session = self._studio.sessions.of(request.session_hash)
                work = session.begin(self._view, partial(_call, task, session, values))
            except NijiganError as error:
                return markup.problem(error), gr.skip(), gr.skip(), gr.skip()
            line, timer = markup.progress(0, work.stage), gr.Timer(_SOON_SECONDS, active=True)
            return line, gr.Button(visible=True), timer, work.ticket

        outputs = [self.line, self.cancel, self._timer, self._ticket]
        button.click(begin, list(inputs), outputs, **DIRECT)

    def shows(self, outputs: Sequence[gr.components.Component]) -> None:
        """Let `outputs` have what comes of the tasks."""
        untouched = [gr.skip()] * len(outputs)

        def look(ticket: str, request: gr.Request) -> Updates:
            session = self._studio.sessions.of(request.session_hash)
            work = session.work(self._view, ticket)
            if work is None:
                return gr.skip(), gr.skip(), gr.Timer(_LATER_SECONDS), *untouched
            if not work.ended(0):
                news = work.news()
                line = gr.skip() if news is None else markup.progress(*news)
                return line, gr.skip(), gr.Timer(_SOON_SECONDS), *untouched
            line, updates = _outcome(work)
            session.finish(self._view, work, done=updates is not None)
            return line, gr.Button(visible=False), gr.Timer(_LATER_SECONDS), *(updates or untouched)

        self._timer.tick(
            look, self._ticket, [self.line, self.cancel, self._timer, *outputs], **DIRECT
        )

    def _cancel(self, request: gr.Request) -> None:
        self._studio.sessions.of(request.session_hash).cancel(self._view)


def _outcome(work: Work[Updates]) -> tuple[str, Updates | None]:
    """Return the line and the updates of a work that has ended; None where nothing is to show."""
    try:
        return "", work.result()
    except RefusedError as refused:
        return markup.problem(refused.error), refused.updates
    except (CancelledError, CoreCancelledError):
        return markup.note("Cancelled."), None
    except Exception as error:
        if not isinstance(error, (NijiganError, StylizerError, OSError)):
            traceback.print_exception(error)
        return markup.problem(error), None


def _call(task: Task, session: Session, values: Sequence[Any], work: Work[Updates]) -> Updates:
    return task(work, session, *values)
