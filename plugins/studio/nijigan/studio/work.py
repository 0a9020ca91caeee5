"""Something that a page has been asked to do, on a thread of its own."""

import secrets
from collections.abc import Callable
from threading import Event, Thread
from typing import Generic, TypeVar

from nijigan.client.errors import CancelledError

T = TypeVar("T")


class Work(Generic[T]):
    """Runs `task`, which is given the work to tell it how far it is.

    fraction: what is done, 0 to 1. stage: what is being done. cancel: set where it shall stop.
    ticket: what no other work has.
    """

    def __init__(self, task: "Callable[[Work[T]], T]", name: str) -> None:
        self.fraction = 0.0
        self.stage = "starting"
        self.cancel = Event()
        self.ticket = secrets.token_hex(8)
        self._told: tuple[float, str] | None = None
        self._task = task
        self._result: list[T] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name=f"nijigan-studio-{name}", daemon=True)
        self._thread.start()

    def tell(self, fraction: float, stage: str) -> None:
        """Say how far it is.

        Raises:
            CancelledError: it shall stop.
        """
        if self.cancel.is_set():
            raise CancelledError("Stopped.")
        self.fraction, self.stage = fraction, stage

    def news(self) -> tuple[float, str] | None:
        """Return fraction and stage; None where they are as they were when they were asked for."""
        said = (self.fraction, self.stage)
        told, self._told = self._told, said
        return None if said == told else said

    def ended(self, seconds: float) -> bool:
        """Wait that long at most, and tell whether it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> T:
        """Return what came of it, once it has ended.

        Raises:
            Exception: what it failed with.
        """
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _run(self) -> None:
        try:
            self._result.append(self._task(self))
        except Exception as error:  # raised again where the result is asked for
            self._error = error
