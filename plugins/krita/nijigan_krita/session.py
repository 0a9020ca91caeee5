# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is once in a running Krita: the sidecar, what is being drawn, what went wrong."""

from collections import deque
from typing import Any, Callable, Deque, Dict, Generator, Optional

from krita import Krita

from nijigan_host.command import serve_command
from nijigan_host.diagnostics import diagnostics
from nijigan_host.errors import CommandError, StyleMissingError
from nijigan_host.jobs import Jobs
from nijigan_host.sidecar import Sidecar
from nijigan_krita.documents import document_key
from nijigan_krita.preferences import command
from nijigan_krita.remembered import remembered
from nijigan_krita.run import Run, Steps
from nijigan_krita.settings import Settings
from nijigan_krita.translation import Translation

_ERRORS_KEPT = 20
_POLL_SECONDS = 0.03


class Session:
    """Begins with Krita and ends with it.

    say: texts in Krita's language. settings: what the dockers of all windows show, for the document
    that was turned to. errors: the last ones. tell: shows a text to people; the docker may be
    hidden.
    """

    def __init__(self, say: Translation) -> None:
        self.say = say
        self.sidecar = Sidecar(lambda: serve_command(command()))
        self.jobs = Jobs()
        self.settings = Settings()
        self.tell: Callable[[str], None] = lambda _text: None
        self.errors: Deque[str] = deque(maxlen=_ERRORS_KEPT)
        self._runs: Dict[str, Run] = {}
        self._turned_to = ""

    def turn_to(self, document: Any) -> None:
        """Have the settings be those of a document, where it remembers any."""
        key = document_key(document)
        if key != self._turned_to:
            self._turned_to = key
            self.settings = remembered(document) or self.settings

    def begin(self, key: str, name: str, steps: Callable[[Run], Steps]) -> Run:
        """Begin a run for the document of that key, unless one goes on; return that which does."""
        run = self._runs.get(key)
        if run is None or run.end is not None:
            self._forget_closed()
            run = self._runs[key] = Run(name, steps, self._note)
            run.begin()
        return run

    def _forget_closed(self) -> None:
        """Let go of the runs of documents that are no longer open."""
        keys = {document_key(document) for document in Krita.instance().documents()}
        going = self._runs.items()
        self._runs = {key: run for key, run in going if run.end is None or key in keys}

    def _note(self, run: Run) -> None:
        if run.error is not None:
            self.errors.extend(filter(None, [str(run.error), run.trace]))
            self.tell(str(run.error))
            self.sidecar.look()

    def run_of(self, key: str) -> Optional[Run]:
        """Return the last run of a document."""
        return self._runs.get(key)

    def with_style(self, settings: Settings) -> Generator[float, None, Settings]:
        """Return settings with the name of a style: of the first one where none was chosen.

        Looks for the sidecar where no style is known: dockers do so too, but none may be seen.

        Raises:
            StyleMissingError: none was chosen, and none is known.
        """
        if not self.sidecar.condition.styles:
            self.sidecar.look()
        while self.sidecar.busy and not self.sidecar.condition.styles:
            yield _POLL_SECONDS
        styles = self.sidecar.condition.styles
        if settings.style:
            return settings
        if not styles:
            raise StyleMissingError("No style is known.", "Start the sidecar.")
        return settings._replace(style=styles[0].name)

    def title(self, style: str) -> str:
        """Return a style's name for people."""
        titles = {each.name: each.title for each in self.sidecar.condition.styles}
        return titles.get(style) or style

    def diagnostics(self) -> str:
        """Return what somebody who wants to help needs to know."""
        try:
            words = serve_command(command())
        except CommandError as error:
            words = [str(error)]
        host = f"Krita {Krita.instance().version()}"
        return diagnostics("nijigan_krita", host, self.sidecar.condition, words, [*self.errors])

    def close(self, *_: Any) -> None:
        """Stop what runs, and let go of the sidecar."""
        for run in self._runs.values():
            run.cancel()
        self.jobs.cancel_all()
        self.sidecar.close()
