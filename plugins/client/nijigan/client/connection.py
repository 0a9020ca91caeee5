"""A channel to one sidecar, on a thread of its own."""

import selectors
import socket
import ssl
from collections import deque
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Callable, Deque, Generator, Iterator, Optional

from h2.exceptions import ProtocolError

from nijigan.client.call import Call
from nijigan.client.errors import CertificateError, SidecarNotRunningError
from nijigan.client.http2 import Headers, Http2
from nijigan.client.keepalive import keep_alive

_CONNECT_SECONDS = 3.0
_READ_BYTES = 1 << 20
_NOT_READY = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_UNSENT_BYTES = 1 << 20  # what may wait for the socket, and so stand before a reset


class Connection:
    """Carries calls, of any number of threads and any number at once.

    The connection's thread alone touches the socket and the state of HTTP/2; others leave it wishes
    and wake it. So a server's pings are answered, and calls reset, whatever the callers do.

    tls: encrypts, where it is given; the server must be whom its certificate says it is.

    Raises:
        SidecarNotRunningError: nothing listens there, or not as `tls` wants. CertificateError: its
            certificate is not accepted.
    """

    def __init__(self, host: str, port: int, tls: Optional[ssl.SSLContext] = None) -> None:
        self._authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            self._socket = _connected(host, port, tls)
        except ssl.SSLCertVerificationError as error:
            why = error.verify_message.rstrip(".")
            raise CertificateError(
                f"The certificate of {self._authority} is not accepted ({why}).",
                "Give the address with the certificate's name, as tls://NAME:PORT, and its root in "
                "$NIJIGAN_CA.",
            ) from error
        except OSError as error:
            raise SidecarNotRunningError(
                f"Nothing answers at {self._authority} ({error}).", "Start the sidecar."
            ) from error
        self._wake_up, self._woken = socket.socketpair()
        for each in (self._socket, self._wake_up, self._woken):
            each.setblocking(False)
        self._http = Http2()
        self._lock = Lock()  # of the two below
        self._wishes: Deque[Callable[[], None]] = deque()
        self._over = False
        self._stopping = False
        self._greeted = Event()
        self._thread = Thread(target=self._run, name="nijigan-client", daemon=True)
        self._thread.start()

    @property
    def accepting(self) -> bool:
        """Whether calls can be made; if not, a new connection is needed."""
        return self._http.accepting

    def is_greeted(self, seconds: float) -> bool:
        """Whether the server has said something, or does within that time.

        A process that is being killed still has its port, and takes connections that it will never
        answer.
        """
        self._greeted.wait(seconds)
        return self._greeted.is_set() and self.accepting

    def call(
        self,
        path: str,
        messages: Iterator[Optional[bytes]],
        headers: Headers,
        timeout: Optional[float],
        cancel: Optional[Event] = None,
    ) -> Generator[bytes, None, None]:
        """Make a call; yield the messages of the answer. Leaving the iterator ends the call.

        messages: see `Call`.

        Raises:
            StylizerError: as `Call.responses`.
        """
        call = Call(messages, timeout)
        scheme = "https" if isinstance(self._socket, ssl.SSLSocket) else "http"
        pseudo = [(":method", "POST"), (":scheme", scheme), (":path", path)]
        all_headers = [*pseudo, (":authority", self._authority), *headers]
        self._wish(lambda: self._http.open(call, all_headers))
        try:
            yield from call.responses(cancel)
        finally:
            if not call.ended:
                self._wish(lambda: self._http.reset(call))

    def wake(self) -> None:
        """Have the messages looked at again that were not there yet."""
        self._wish(lambda: None)

    def close(self) -> None:
        """End all calls, and the connection."""
        self._wish(self._stop)
        self._thread.join()

    def _wish(self, wish: Callable[[], None]) -> None:
        with self._lock:
            if not self._over:
                self._wishes.append(wish)
                with suppress(BlockingIOError):  # full of wake-ups: it will wake
                    self._wake_up.send(b"\0")
                return
        wish()  # the thread is gone, and what it used may be used here: calls are refused

    def _stop(self) -> None:
        self._stopping = True

    def _run(self) -> None:
        reason = "it was closed"
        try:
            self._move_bytes()
        except (OSError, ProtocolError) as error:
            reason = str(error)
        finally:
            self._http.end(
                f"The connection to {self._authority} is gone ({reason}).",
                "Start the sidecar, or check the address.",
            )
            self._greeted.set()
            with self._lock:
                self._over = True
                for wish in self._wishes:
                    wish()
                for each in (self._socket, self._wake_up, self._woken):
                    each.close()

    def _move_bytes(self) -> None:
        unsent = memoryview(b"")
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(self._socket, selectors.EVENT_READ)
            while not self._stopping and (self._http.accepting or not self._http.idle):
                if not unsent:
                    unsent = memoryview(self._http.send(_UNSENT_BYTES))
                wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if unsent else 0)
                selector.modify(self._socket, wanted)
                ready = {key.fileobj: events for key, events in selector.select()}
                if self._woken in ready:
                    self._woken.recv(4096)  # first: a wish that comes after it wakes again
                    while self._wishes:
                        self._wishes.popleft()()
                with suppress(*_NOT_READY):  # it was ready, and no longer is
                    if ready.get(self._socket, 0) & selectors.EVENT_READ:
                        self._receive()
                    if ready.get(self._socket, 0) & selectors.EVENT_WRITE:
                        unsent = unsent[self._socket.send(unsent) :]

    def _receive(self) -> None:
        while True:
            data = self._socket.recv(_READ_BYTES)
            if not data:
                raise ConnectionError("the other end closed it")
            self._http.receive(data)
            self._greeted.set()
            # What TLS has decrypted already, no selector tells of.
            if not (isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()):
                return


def _connected(host: str, port: int, tls: Optional[ssl.SSLContext]) -> socket.socket:
    plain = socket.create_connection((host, port), _CONNECT_SECONDS)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    keep_alive(plain)
    if tls is None:
        return plain
    try:
        encrypted = tls.wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise
    if encrypted.selected_alpn_protocol() != "h2":
        encrypted.close()
        raise OSError("it speaks no HTTP/2")
    return encrypted
