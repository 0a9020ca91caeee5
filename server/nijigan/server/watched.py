"""Runs work on a worker thread, hands on what it tells, and gives up on it when it hangs."""

import concurrent.futures
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, NoReturn, TypeVar

from nijigan.core.errors import CancelledError, EngineError
from nijigan.server.cancel import Cancel
from nijigan.server.jobs import Place

S = TypeVar("S")
T = TypeVar("T")

# For an engine that was told to stop to do so.
_GRACE_SECONDS = 5.0


@dataclass
class Pulse:
    """When work last showed that it lives: None before it has begun."""

    last: float | None = None

    def beat(self) -> None:
        """It lives."""
        self.last = time.monotonic()

    def seconds_left(self, most: float) -> float:
        """How long it may go on without a beat."""
        return most if self.last is None else self.last + most - time.monotonic()


def run_watched(
    place: Place,
    work: Callable[[Callable[[S], None]], T],
    cancel: Cancel,
    hang_seconds: float,
    forget: Callable[[], object],
    batch: bool = False,
) -> Generator[S, None, T]:
    """Run `work` when it is its turn; yield what it tells, and return its result.

    work: called with a function that tells. forget: drops what may have made the work hang.

    Raises:
        CancelledError: `cancel` was set before it was its turn.
        EngineError: it began, and told nothing for `hang_seconds`.
        Exception: whatever `work` raises.
    """
    return _result((yield from _until_it_ends(place, work, cancel, hang_seconds, forget, batch)))


def _result(future: "concurrent.futures.Future[T]") -> T:
    """Return what it holds, or raise it.

    Not in the frame that watched: a future holds the error that it raises, which holds each frame
    that has seen it. If one of those held the future, all that was drawn with would stay until
    Python looks for cycles, which it does by counting objects, not bytes.
    """
    try:
        return future.result()
    except concurrent.futures.CancelledError as error:  # before a worker was free
        raise CancelledError("Stopped before it began.") from error
    finally:
        del future


def _until_it_ends(
    place: Place,
    work: Callable[[Callable[[S], None]], T],
    cancel: Cancel,
    hang_seconds: float,
    forget: Callable[[], object],
    batch: bool,
) -> "Generator[S, None, concurrent.futures.Future[T]]":
    """Yield what the work tells, and return its future when that is done or was dropped."""
    told: SimpleQueue[S | None] = SimpleQueue()
    pulse = Pulse()

    def tell(what: S) -> None:
        pulse.beat()
        told.put(what)

    def begin() -> T:
        pulse.beat()
        return work(tell)

    future = place.submit(begin, batch)
    future.add_done_callback(lambda _: told.put(None))

    def give_up() -> NoReturn:
        cancel.set()
        if not concurrent.futures.wait([future], _GRACE_SECONDS).done:
            place.abandon(future)
        forget()
        raise EngineError(f"The engine did nothing for {hang_seconds:g} s.", "Try once more.")

    with cancel.on_set(lambda: _drop(future)):
        yield from _until_done(told, pulse, hang_seconds, give_up)
    return future


def finished(generator: Generator[object, None, T]) -> T:
    """Run a generator to its end, and return what it returns."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            result: T = end.value
            return result


def _until_done(
    told: "SimpleQueue[S | None]",
    pulse: Pulse,
    hang_seconds: float,
    give_up: Callable[[], NoReturn],
) -> Iterator[S]:
    while True:
        try:
            what = told.get(timeout=max(0.0, pulse.seconds_left(hang_seconds)))
        except Empty:
            if pulse.seconds_left(hang_seconds) <= 0:
                give_up()
            continue
        if what is None:
            return
        yield what


def _drop(future: concurrent.futures.Future[Any]) -> None:
    future.cancel()
