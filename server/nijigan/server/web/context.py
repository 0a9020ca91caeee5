"""What the service asks of a call, for calls that come from web pages."""

from collections.abc import Callable
from contextvars import ContextVar
from threading import Lock
from typing import NoReturn

import grpc

from nijigan.server.web.errors import connect_error

cut_off: ContextVar[Callable[[], None]] = ContextVar("cut_off")
"""Closes the connection that the current request came by, at once."""


class WebContext:
    """The part of a `grpc.ServicerContext` that the service uses.

    client: who shares the turns of one client. cut_off: ends the connection, from any thread.
    """

    def __init__(self, client: str, cut_off: Callable[[], object]) -> None:
        self._client = client
        self._cut_off = cut_off
        self._lock = Lock()
        self._callbacks: list[Callable[[], None]] | None = []

    def peer(self) -> str:
        """Whose call it is."""
        return self._client

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Have `callback` called when the call is over; False if it is already."""
        with self._lock:
            if self._callbacks is None:
                return False
            self._callbacks.append(callback)
            return True

    def cancel(self) -> bool:
        """End the call without an answer."""
        self._cut_off()
        return True

    def abort_with_status(self, status: grpc.Status) -> NoReturn:
        """End the call with an error."""
        raise connect_error(status)

    def end(self) -> None:
        """Tell that the call is over. Calling it again does nothing."""
        with self._lock:
            callbacks, self._callbacks = self._callbacks or [], None
        for callback in callbacks:
            callback()
