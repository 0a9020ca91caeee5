"""The sidecar of this user, which draws for the page."""

import sys
from collections.abc import Sequence
from threading import Lock

from nijigan.client import Client, connect

_START = (sys.executable, "-m", "nijigan.core", "serve", "--exit-with-parent")


class Sidecar:
    """Finds it, and starts it by `command` where none is running. Any number of threads may call.

    command: None never starts one.
    """

    def __init__(self, command: Sequence[str] | None = _START) -> None:
        self._command = command
        self._client: Client | None = None
        self._lock = Lock()

    def client(self) -> Client:
        """Return a client of it; waits while it starts.

        Raises:
            SidecarNotRunningError: there is none, and none could be started.
            IncompatibleError: it is of another age.
        """
        with self._lock:
            if self._client is None:
                self._client = connect(start=self._command)
            return self._client

    def close(self) -> None:
        """Let go of it: one that was started for the page ends when nobody else uses it."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None
