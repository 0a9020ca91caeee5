"""Prepares the next step's batch while the current step computes."""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from nijigan.core.data import Pictures


class Prefetch:
    """The batches of a run, one ahead; what they are depends on their step alone.

    Args:
        pictures: where they come from.
        step: the first that will be asked for.
    """

    def __init__(self, pictures: Pictures, step: int) -> None:
        self._pictures = pictures
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._step = step
        self._next: Future[Any] = self._pool.submit(pictures.batch_of, step)

    def __enter__(self) -> "Prefetch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def of(self, step: int) -> Any:
        """Return the batch of a step, and begin with the next one.

        Raises:
            DataError, ImageError: a picture cannot be read.
        """
        if step != self._step:
            self._next = self._pool.submit(self._pictures.batch_of, step)
        batch = self._next.result()
        self._step = step + 1
        self._next = self._pool.submit(self._pictures.batch_of, self._step)
        return batch
