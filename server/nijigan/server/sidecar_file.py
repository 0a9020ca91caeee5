"""`sidecar.json`: how clients of this user find the sidecar that runs."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nijigan.core.errors import SidecarError
from nijigan.server.lease import lease
from nijigan.server.paths import writing

SCHEMA = 1


@dataclass(frozen=True)
class SidecarFile:
    """What the file says. `started`: ISO 8601, UTC. `host`: the loopback address listened on."""

    pid: int
    host: str
    port: int
    token: str = field(repr=False)
    version: str
    api_level: int
    started: str
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
        SidecarError: there is one already, or `home` cannot be written to.
    """
    with lease(home / "sidecar.lock") as held:
        if not held:
            other = read_sidecar_file(home)
            where = f" on {other.host}:{other.port} (process {other.pid})" if other else ""
            raise SidecarError(
                f"A sidecar is running already{where}, for {home}.",
                "Use that one, stop it first, or set NIJIGAN_HOME to another folder.",
            )
        yield


@contextmanager
def published(home: Path, content: SidecarFile) -> Iterator[None]:
    """Have the file there while the body runs, readable by the user alone.

    One that a sidecar left when it crashed is replaced: whoever calls is the only sidecar.

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
