"""What belongs to one open page in a browser."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from nijigan.core.errors import UsageError
from nijigan.studio.work import Work
from nijigan.studio.workspace import Shelf, Workspace

T = TypeVar("T")


class Session:
    """The work that one page has asked for, one at a time for each view, and what it shows."""

    def __init__(self, name: str, workspace: Workspace) -> None:
        self.name = name
        self.workspace = workspace
        self._works: dict[str, Work[Any]] = {}
        self._shelves: dict[str, Shelf] = {}
        self._lock = Lock()

    def shelf(self, view: str) -> Shelf:
        """Return a new place for what a view will show, once it is published."""
        self._shelves[view] = self.workspace.shelf(self.name, view)
        return self._shelves[view]

    def unfinished(self, *what: object) -> Path:
        """Return a place for what takes long: the same one for the same, until the page is closed.

        what: all that the result hangs on.
        """
        key = hashlib.sha256(repr(what).encode()).hexdigest()[:16]
        folder = self.workspace.unfinished / self.name / key
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def settle(self, view: str, done: bool) -> None:
        """Publish what a view was given to show, or discard it, if there is something."""
        shelf = self._shelves.pop(view, None)
        if shelf is not None:
            shelf.publish() if done else shelf.discard()

    def begin(self, view: str, task: Callable[[Work[T]], T]) -> Work[T]:
        """Begin what a view has been asked to do.

        Raises:
            UsageError: the view has not ended the one before.
        """
        with self._lock:
            before = self._works.get(view)
            if before is not None and not before.ended(0):
                raise UsageError("This is being done already.", "Wait, or cancel it.")
            self.settle(view, done=False)  # of one that nobody has asked after
            work = Work(task, view)
            self._works[view] = work
        return work

    def work(self, view: str, ticket: str) -> Work[Any] | None:
        """Return the work of a view that has the ticket, until it is finished."""
        work = self._works.get(view)
        return work if work is not None and work.ticket == ticket else None

    def finish(self, view: str, work: Work[Any], done: bool) -> None:
        """Forget a work that has ended. done: what it made is shown; else it is discarded."""
        with self._lock:
            if self._works.get(view) is work:
                del self._works[view]
                self.settle(view, done)

    def cancel(self, view: str) -> None:
        """Have the work of a view stop."""
        work = self._works.get(view)
        if work is not None:
            work.cancel.set()

    def end(self) -> None:
        """Stop all work and delete what was shown."""
        for work in list(self._works.values()):
            work.cancel.set()
        self.workspace.forget(self.name)


class Sessions:
    """Sessions by the name that Gradio gives them. Any number of threads may call."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._sessions: dict[str, Session] = {}
        self._lock = Lock()

    def of(self, name: str | None) -> Session:
        """Return the session of a name, which is letters and digits.

        Raises:
            UsageError: it is not.
        """
        if not name or not name.isalnum():
            raise UsageError("The page has no session.", "Load it again.")
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = Session(name, self._workspace)
            return self._sessions[name]

    def end(self, name: str | None) -> None:
        """End the session of a page that was closed."""
        with self._lock:
            session = self._sessions.pop(name or "", None)
        if session is not None:
            session.end()

    def close(self) -> None:
        """End all of them."""
        for name in list(self._sessions):
            self.end(name)
