"""HTTP/2 as gRPC uses it, without the socket: bytes in, bytes out, calls in between."""

from contextlib import suppress
from typing import Dict, List, Optional, Tuple

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from nijigan.client.call import Call
from nijigan.client.errors import SidecarNotRunningError
from nijigan.client.goaway import GoAwayFilter

_WINDOW = 64 << 20  # the 64 KiB that HTTP/2 begins with are too few for pictures
_FRAME = 1 << 20
Headers = List[Tuple[str, str]]


class Http2:
    """The client's side of one connection. Used by one thread."""

    def __init__(self) -> None:
        self._refusal: Optional[Tuple[str, str]] = None  # fact and remedy
        self._calls: Dict[int, Call] = {}
        self._goaway = GoAwayFilter()
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._h2.initiate_connection()
        self._h2.update_settings(
            {
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW,
                SettingCodes.MAX_FRAME_SIZE: _FRAME,
            }
        )
        self._h2.increment_flow_control_window(_WINDOW)

    @property
    def accepting(self) -> bool:
        """Whether calls can be opened: not once the server has said that it goes, or is gone."""
        return self._refusal is None

    @property
    def idle(self) -> bool:
        """Whether no call is under way."""
        return not self._calls

    def open(self, call: Call, headers: Headers) -> None:
        """Begin a call; where that is not possible, end it."""
        if self._refusal is not None:
            call.end(SidecarNotRunningError(*self._refusal))
            return
        try:
            stream = self._h2.get_next_available_stream_id()
            self._h2.send_headers(stream, headers)
        except ProtocolError as error:  # too many calls at once is one, too
            call.end(SidecarNotRunningError(f"The call was not taken ({error}).", "Retry."))
        else:
            self._calls[stream] = call

    def reset(self, call: Call) -> None:
        """Tell the server that nobody waits for a call any more."""
        for stream in [number for number, other in self._calls.items() if other is call]:
            self._forget(stream)

    def send(self, most: int) -> bytes:
        """Return what shall go out next: about `most` bytes, fewer where the windows are full."""
        for stream, call in list(self._calls.items()):
            while not call.sent and most > 0:
                window = self._h2.local_flow_control_window(stream)
                if window <= 0:
                    break
                try:
                    piece = call.take(min(window, self._h2.max_outbound_frame_size))
                except Exception as error:  # of this call's messages: the others go on
                    call.end(error)
                    self._forget(stream)
                    break
                if not piece and not call.sent:
                    break
                self._h2.send_data(stream, piece, end_stream=call.sent)
                most -= len(piece)
        return self._h2.data_to_send()

    def receive(self, data: bytes) -> None:
        """Take what came in.

        Raises:
            ProtocolError: it is not HTTP/2.
        """
        data, last_streams = self._goaway.feed(data)
        for event in self._h2.receive_data(data):
            self._handle(event)
        for last in last_streams:
            self._refuse("The sidecar is about to end.", "Retry.", after=last)

    def end(self, fact: str, remedy: str) -> None:
        """End all calls, and those to come."""
        self._refuse(fact, remedy, after=0)

    def _refuse(self, fact: str, remedy: str, after: int) -> None:
        self._refusal = (fact, remedy)
        for stream in [number for number in self._calls if number > after]:
            self._calls.pop(stream).end(SidecarNotRunningError(fact, remedy))

    def _handle(self, event: Event) -> None:
        call = self._calls.get(getattr(event, "stream_id", None) or 0)
        if isinstance(event, DataReceived):
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if call is not None:
                call.receive_data(event.data)
        elif call is None:
            return
        elif isinstance(event, (ResponseReceived, TrailersReceived)):
            pairs = (
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers
            )
            call.receive_headers(dict(pairs))
        elif isinstance(event, StreamEnded):
            call.end()
            self._forget(event.stream_id)
        elif isinstance(event, StreamReset):
            fact = f"The call broke off (HTTP/2 error {int(event.error_code or 0)})."
            call.end(SidecarNotRunningError(fact, "Retry."))
            del self._calls[event.stream_id]

    def _forget(self, stream: int) -> None:
        call = self._calls.pop(stream)
        if not (call.sent and call.ended):
            with suppress(ProtocolError):  # the server has closed it meanwhile
                self._h2.reset_stream(stream, ErrorCodes.CANCEL)
