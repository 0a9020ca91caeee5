"""Fetches what comes next while what came is worked on."""

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.05


def prefetched(items: Iterator[T], ahead: int) -> Iterator[T]:
    """Yield the items, fetched by another thread that is at most `ahead` of them in front.

    Whatever fetching raises is raised here, after the items before it.
    """
    fetched: Queue[tuple[T | None, BaseException | None]] = Queue(ahead)
    stopped = Event()

    def put(item: T | None, error: BaseException | None) -> bool:
        while not stopped.is_set():
            try:
                fetched.put((item, error), timeout=_POLL_SECONDS)
            except Full:
                continue
            return True
        return False

    def fetch() -> None:
        try:
            for item in items:
                if not put(item, None):
                    return
        except BaseException as error:
            put(None, error)
        else:
            put(None, StopIteration())

    Thread(target=fetch, name="prefetch", daemon=True).start()
    try:
        while True:
            item, error = fetched.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]  # without an error there is an item
    finally:
        stopped.set()
