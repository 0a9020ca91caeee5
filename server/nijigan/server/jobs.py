"""Bounds how many pictures are drawn at once, and how many may wait."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TypeVar

from nijigan.core.errors import BusyError

T = TypeVar("T")


class Jobs:
    """Worker threads with a bounded queue."""

    def __init__(self, concurrent: int, queued: int) -> None:
        self.concurrent = concurrent
        self.queued = queued
        self._places = BoundedSemaphore(concurrent + queued)
        self._workers = ThreadPoolExecutor(concurrent, thread_name_prefix="draw")

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the places while the body runs.

        Raises:
            BusyError: all are taken.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError(
                f"{self.concurrent + self.queued} pictures are being drawn or waiting.",
                "Try again in a moment.",
            )
        try:
            yield
        finally:
            self._places.release()

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Run `work` when a worker is free; for whoever holds a place."""
        return self._workers.submit(work)

    def close(self) -> None:
        """Wait for the work that runs; what has not begun never will."""
        self._workers.shutdown(cancel_futures=True)
