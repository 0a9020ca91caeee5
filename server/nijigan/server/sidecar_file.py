"""`sidecar.json`: how clients of this user find the sidecar that runs."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nijigan.core.errors import AlreadyRunningError, SidecarError
from nijigan.server.lease import lease
from nijigan.server.paths import writing
from nijigan.server.security import address_of

SCHEMA = 1
# Between taking the lease and listening there is little more than the import of an engine.
_STARTING_SECONDS = 10.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class SidecarFile:
    """What the file says. `started`: ISO 8601, UTC. `host`: the address listened on."""

    pid: int
    host: str
    port: int
    token: str = field(repr=False)
    version: str
    api_level: int
    started: str
    tls: bool = False
    schema: int = SCHEMA


def sidecar_path(home: Path) -> Path:
    """Where the file lies in the data directory `home`."""
    return home / "sidecar.json"


def read_sidecar_file(home: Path) -> SidecarFile | None:
    """Return what the file says, or None where it is missing, damaged or of another schema."""
    try:
        data = json.loads(sidecar_path(home).read_text(encoding="utf-8"))
        known = SidecarFile(**{name: data[name] for name in SidecarFile.__annotations__})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return known if known.schema == SCHEMA else None


@contextmanager
def only_sidecar(home: Path) -> Iterator[None]:
    """Be the only sidecar of `home` while the body runs.

    Raises:
        AlreadyRunningError: there is one, which listens already.
        SidecarError: there is one that does not listen, or `home` cannot be written to.
    """
    with lease(home / "sidecar.lock") as held:
        if not held:
            raise _already_running(home)
        with writing(sidecar_path(home)):
            sidecar_path(home).unlink(missing_ok=True)  # of one that crashed
        yield


def _already_running(home: Path) -> SidecarError:
    """Say where the sidecar of `home` is; it may be starting, and is waited for."""
    end = time.monotonic() + _STARTING_SECONDS
    while True:
        other = read_sidecar_file(home)
        if other is not None and _listens(other):
            address = address_of(other.host, other.port)
            return AlreadyRunningError(
                f"A sidecar is running already on {address} (process {other.pid}), for {home}.",
                "Use that one, stop it first, or set NIJIGAN_HOME to another folder.",
                address,
            )
        if time.monotonic() > end:
            return SidecarError(
                f"A sidecar is running already for {home}, and does not answer.",
                "Stop that process, or set NIJIGAN_HOME to another folder.",
            )
        time.sleep(_POLL_SECONDS)


def _listens(other: SidecarFile) -> bool:
    """Tell a sidecar from a file that one left."""
    try:
        socket.create_connection((other.host, other.port), _STARTING_SECONDS).close()
    except OSError:
        return False
    return True


@contextmanager
def published(home: Path, content: SidecarFile) -> Iterator[None]:
    """Have the file there while the body runs, readable by the user alone.

    Raises:
        SidecarError: it cannot be written.
    """
    path, temporary = sidecar_path(home), home / "sidecar.json.part"
    with writing(path):
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(content), file, indent=1)
        temporary.replace(path)
    try:
        yield
    finally:
        with suppress(OSError):  # a folder that is gone must not hinder the end
            path.unlink()
