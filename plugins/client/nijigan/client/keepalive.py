"""Has the system notice that the other end of a connection is gone without a word."""

import socket
import sys
from contextlib import suppress

_IDLE_SECONDS = 60
_BETWEEN_SECONDS = 15
_PROBES = 4
# Python knows its number on macOS from 3.10 on.
_MACOS_IDLE = getattr(socket, "TCP_KEEPALIVE", 0x10 if sys.platform == "darwin" else None)
_OPTIONS = (
    (getattr(socket, "TCP_KEEPIDLE", _MACOS_IDLE), _IDLE_SECONDS),
    (getattr(socket, "TCP_KEEPINTVL", None), _BETWEEN_SECONDS),
    (getattr(socket, "TCP_KEEPCNT", None), _PROBES),
)


def keep_alive(connection: socket.socket) -> None:
    """Let it break two minutes after the other machine, or the way to it, is gone.

    Else a call that waits for its answer would wait for ever. Where a system has not all of the
    options, it takes the times that it is set to: two hours, as a rule.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _OPTIONS:
        if option is not None:
            with suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, option, value)
