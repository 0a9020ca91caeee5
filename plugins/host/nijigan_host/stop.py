"""Stops the sidecar, whoever started it."""

import json
import os
import signal
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from nijigan.client.connection import Connection
from nijigan.client.discovery import data_dir
from nijigan.client.errors import SidecarNotRunningError
from nijigan_host.errors import StopError

_POLL_SECONDS = 0.05
_GREETING_SECONDS = 3.0


class _Process(NamedTuple):
    """What `sidecar.json` says of the process. It may be of any age, so the rest is not read."""

    pid: int
    host: str
    port: int


def stop_sidecar(seconds: float = 10.0) -> None:
    """Tell the sidecar of this user to end, and wait until it takes no more calls.

    Pictures that are being drawn are finished. Waits.

    Raises:
        SidecarNotRunningError: there is none.
        StopError: its process cannot be told, or is still there after `seconds`.
    """
    path = data_dir() / "sidecar.json"
    process = _read(path)
    _check_it_answers(process)  # process numbers are used again
    _check_it_is_seen(process.pid)
    try:
        os.kill(process.pid, signal.SIGTERM)
    except OSError as error:
        raise StopError(
            f"The sidecar (process {process.pid}) cannot be stopped ({error}).",
            "Stop it where it runs.",
        ) from error
    if sys.platform == "win32":  # it had no time to take the file away
        with suppress(OSError):
            path.unlink()
    end = time.monotonic() + seconds
    while _is_there(path, process.pid):
        if time.monotonic() > end:
            raise StopError(
                f"The sidecar (process {process.pid}) is there after {seconds:g} s.",
                "Try once more.",
            )
        time.sleep(_POLL_SECONDS)


def _read(path: Path) -> _Process:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return _Process(int(said["pid"]), said.get("host", "127.0.0.1"), int(said["port"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SidecarNotRunningError(
            f"No sidecar is running (nothing to read in {path}).", "There is nothing to stop."
        ) from error


def _is_there(path: Path, pid: int) -> bool:
    try:
        return _read(path).pid == pid
    except SidecarNotRunningError:
        return False


def _check_it_answers(process: _Process) -> None:
    with closing(Connection(process.host, process.port)) as connection:
        if not connection.is_greeted(_GREETING_SECONDS):
            raise SidecarNotRunningError(
                f"Nothing answers at {process.host}:{process.port}.", "There is nothing to stop."
            )


def _check_it_is_seen(pid: int) -> None:
    """Refuse a number that is another process here: sandboxes have numbers of their own."""
    if not sys.platform.startswith("linux"):
        return
    words = b""
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    if b"nijigan" not in words:
        raise StopError(
            f"The sidecar (process {pid}) is not seen from here, as from inside a sandbox.",
            "Stop it where it runs.",
        )
