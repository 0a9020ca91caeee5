"""One call: messages out, messages in, and how it ended."""

import struct
import time
from queue import Empty, SimpleQueue
from threading import Event
from typing import Dict, Iterator, Optional, Union

from nijigan.client.errors import CancelledError, DeadlineError
from nijigan.client.grpc_status import error_from_headers

_POLL_SECONDS = 0.05  # how soon a wish to cancel is noticed
_PREFIX = struct.Struct(">BI")  # compressed or not, length


class Call:
    """What the thread that calls and the connection's thread have in common.

    messages: encoded; taken as fast as they can be sent. None stands for one that is not there yet:
    then the connection is to be woken when it is. timeout: in seconds, for all of the call.
    """

    def __init__(self, messages: Iterator[Optional[bytes]], timeout: Optional[float]) -> None:
        self.sent = False
        self.ended = False
        self._timeout = timeout
        self._messages = messages
        self._unsent = memoryview(b"")
        self._partial = bytearray()
        self._headers: Dict[str, str] = {}
        self._incoming: "SimpleQueue[Union[bytes, Exception, None]]" = SimpleQueue()

    # The connection's thread calls these.

    def take(self, most: int) -> bytes:
        """Return the next bytes to send, `most` at most; `sent` is set with the last ones.

        No bytes, and `sent` not set: there are none yet.

        Raises:
            Exception: whatever making the messages raises.
        """
        if not self._unsent:
            self._fetch_message()
        piece, self._unsent = self._unsent[:most], self._unsent[most:]
        if not self._unsent:  # fetched now, so that the last bytes are known to be the last
            self._fetch_message()
        return piece.tobytes()

    def receive_headers(self, headers: Dict[str, str]) -> None:
        """Take headers or trailers."""
        self._headers.update(headers)

    def receive_data(self, data: bytes) -> None:
        """Take bytes of messages."""
        self._partial += data
        while len(self._partial) >= _PREFIX.size:
            size = _PREFIX.unpack_from(self._partial)[1]
            end = _PREFIX.size + size
            if len(self._partial) < end:
                break
            self._incoming.put(bytes(memoryview(self._partial)[_PREFIX.size : end]))
            del self._partial[:end]

    def end(self, error: Optional[Exception] = None) -> None:
        """Say that nothing more will come: with `error`, or as the headers tell."""
        if not self.ended:
            self.ended = True
            self._incoming.put(error or error_from_headers(self._headers))

    def _fetch_message(self) -> None:
        try:
            message = next(self._messages)
        except StopIteration:
            self.sent = True
        else:
            if message is not None:
                self._unsent = memoryview(_PREFIX.pack(0, len(message)) + message)

    # The thread that calls does this.

    def responses(self, cancel: Optional[Event]) -> Iterator[bytes]:
        """Yield the messages that come.

        Raises:
            StylizerError: the call ended with it. CancelledError: `cancel` was set.
            DeadlineError: the time is over.
            Exception: what making the messages has raised.
        """
        end = None if self._timeout is None else time.monotonic() + self._timeout
        while True:
            if cancel is not None and cancel.is_set():
                raise CancelledError("Stopped.")
            if end is not None and time.monotonic() > end:
                raise DeadlineError(
                    f"There is no result after {self._timeout:g} s.",
                    "Allow more time, or send a smaller picture.",
                )
            try:
                item = self._incoming.get(timeout=_POLL_SECONDS)
            except Empty:
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item
