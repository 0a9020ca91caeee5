"""Hands on messages that take time to make; the connection's thread must not wait for them."""

from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Callable, Iterator, Optional

_AHEAD = 4
_POLL_SECONDS = 0.05


class Feed:
    """Makes messages in a thread of its own, a few ahead of what is sent.

    wake: called when there is a message again. An error in making them ends the messages, and is
    kept in `error`.
    """

    def __init__(self, messages: Iterator[bytes], wake: Callable[[], None]) -> None:
        self.error: Optional[BaseException] = None
        self._messages = messages
        self._wake = wake
        self._made: "Queue[Optional[bytes]]" = Queue(_AHEAD)  # None at the end
        self._stopped = Event()
        Thread(target=self._make, name="nijigan-feed", daemon=True).start()

    def __iter__(self) -> Iterator[Optional[bytes]]:
        """Yield each message, and None where there is none yet."""
        while True:
            try:
                message = self._made.get_nowait()
            except Empty:
                yield None
                continue
            if message is None:
                return
            yield message

    def stop(self) -> None:
        """Make no more."""
        self._stopped.set()

    def _make(self) -> None:
        try:
            for message in self._messages:
                if not self._put(message):
                    return
        except BaseException as error:  # the caller's own, to be raised in the caller's thread
            self.error = error
        self._put(None)

    def _put(self, message: Optional[bytes]) -> bool:
        while not self._stopped.is_set():
            try:
                self._made.put(message, timeout=_POLL_SECONDS)
            except Full:
                continue
            self._wake()
            return True
        return False
