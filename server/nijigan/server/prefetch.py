"""Fetches what comes next while what came is worked on."""

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.05


def prefetched(items: Iterator[T], ahead: int) -> Iterator[T]:
    """Yield the items, fetched by another thread that is at most `ahead` of them in front.

    Whatever fetching raises is raised here, after the items before it.
    """
    slots = Semaphore(ahead)
    fetched: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()
    stopped = Event()

    def has_slot() -> bool:
        """Wait for one; False where nobody wants more."""
        while not slots.acquire(timeout=_POLL_SECONDS):
            if stopped.is_set():
                return False
        return not stopped.is_set()

    def fetch() -> None:
        try:
            while has_slot():  # first: else one more were fetched, and held in the hand
                fetched.put((next(items), None))
        except BaseException as error:  # the end too
            fetched.put((None, error))

    Thread(target=fetch, name="prefetch", daemon=True).start()
    try:
        while True:
            item, error = fetched.get()
            slots.release()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]  # without an error there is an item
    finally:
        stopped.set()
