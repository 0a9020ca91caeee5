"""Starts a sidecar where none is running."""

import subprocess
from contextlib import suppress
from threading import Thread
from typing import IO, List, Optional, Sequence

from nijigan.client.errors import SidecarNotRunningError

_START_SECONDS = 60.0  # a first start reads libraries from the disk
_LINES_KEPT = 5


class StartedSidecar:
    """One that this process has started. It lives on for a while when this process is gone.

    command: such as ["nijigan", "serve", "--exit-with-parent"]. Where one is running already, the
    command says so and ends, and all is well.

    Raises:
        SidecarNotRunningError: it did not start.
    """

    def __init__(self, command: Sequence[str]) -> None:
        pipe = subprocess.PIPE
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows opens a console else
        try:
            self._process = subprocess.Popen(
                list(command), stdin=pipe, stdout=pipe, stderr=pipe, creationflags=flags
            )
        except OSError as error:
            raise SidecarNotRunningError(
                f"{command[0]} cannot be started ({error}).", "Is nijigan installed there?"
            ) from error
        self._said: List[str] = []
        self._address = b""
        listener = Thread(target=self._listen, name="nijigan-started", daemon=True)
        listener.start()
        reader = Thread(target=self._read_address, name="nijigan-starting", daemon=True)
        reader.start()
        reader.join(_START_SECONDS)
        if not self._address:
            self._process.kill()
            listener.join()  # it ends with the process
            said = " ".join(self._said) or f"nothing was said in {_START_SECONDS:g} s"
            raise SidecarNotRunningError(
                f"The sidecar did not start: {said}", "Try it in a terminal: nijigan doctor"
            )

    def let_go(self) -> None:
        """Have it end once no client has called for a while."""
        _close(self._process.stdin)

    def _read_address(self) -> None:
        assert self._process.stdout is not None
        self._address = self._process.stdout.readline().strip()
        if not self._address:
            self._process.wait()

    def _listen(self) -> None:
        """Take what it says, so that it never waits for that to be read; and its end."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said = [*self._said, line.decode(errors="replace").strip()][-_LINES_KEPT:]
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            _close(stream)


def _close(stream: Optional[IO[bytes]]) -> None:
    if stream is not None:
        with suppress(OSError):  # what is gone cannot be written to
            stream.close()
