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
# RFC 9113, 3.4: the preface, and settings that set nothing.
_HTTP2_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04" + bytes(5)


@dataclass(frozen=True)
class SidecarFile:
    """What the file says. `started`: ISO 8601, UTC. `host`: where this machine reaches it."""

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
        AlreadyRunningError: there is one, which answers.
        SidecarError: there is one that does not answer, or `home` cannot be written to.
    """
    end = time.monotonic() + _STARTING_SECONDS
    while True:
        with lease(home / "sidecar.lock") as held:
            if held:
                with writing(sidecar_path(home)):
                    sidecar_path(home).unlink(missing_ok=True)  # of one that crashed
                yield
                return
        other = read_sidecar_file(home)  # it may be starting, or ending
        if other is not None and _answers(other):
            address = address_of(other.host, other.port)
            raise AlreadyRunningError(
                f"A sidecar is running already on {address} (process {other.pid}), for {home}.",
                "Use that one, stop it first, or set NIJIGAN_HOME to another folder.",
                address,
            )
        if time.monotonic() > end:
            raise SidecarError(
                f"A sidecar is running already for {home}, and does not answer.",
                "Stop that process, or set NIJIGAN_HOME to another folder.",
            )
        time.sleep(_POLL_SECONDS)


def _answers(other: SidecarFile) -> bool:
    """Tell a sidecar from a file that one left, and from one that is being killed.

    The port of the latter still takes connections, but no HTTP/2 settings come.
    """
    try:
        with socket.create_connection((other.host, other.port), _STARTING_SECONDS) as connection:
            if other.tls:
                return True
            connection.sendall(_HTTP2_GREETING)
            return bool(connection.recv(1))
    except OSError:
        return False


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
