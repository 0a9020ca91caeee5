"""A request to stop that can reach work in another thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from nijigan.core.errors import CancelledError


class Cancel:
    """Set once, from any thread; work asks it between steps, or is called back while it runs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_set = False
        self._callbacks: list[Callable[[], None]] = []

    def set(self) -> None:
        """Ask to stop. Calling it again does nothing."""
        with self._lock:
            if self._is_set:
                return
            self._is_set = True
            # Called under the lock, so that no callback can outlive its `on_set` block.
            for callback in self._callbacks:
                callback()

    def is_set(self) -> bool:
        """Whether anyone asked to stop."""
        return self._is_set

    def raise_if_set(self) -> None:
        """Stop here if anyone asked to.

        Raises:
            CancelledError: `set` was called.
        """
        if self._is_set:
            raise CancelledError("Stopped before it was done.")

    @contextmanager
    def on_set(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call `callback` once if `set` is called while the body runs, or was called before.

        The callback must be quick and must not touch this object: it runs in the thread that sets.
        """
        with self._lock:
            if self._is_set:
                callback()
            self._callbacks.append(callback)
        try:
            yield
        finally:
            with self._lock:
                self._callbacks.remove(callback)
