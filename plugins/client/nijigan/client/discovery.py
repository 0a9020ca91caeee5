"""Finds the sidecar of this user."""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Optional

from nijigan.client.errors import IncompatibleError, SidecarNotRunningError, StylizerError

API_LEVELS = (1,)
_TLS = "tls://"


class Place(NamedTuple):
    """Where a sidecar listens, the token that it wants, and whether calls are encrypted."""

    host: str
    port: int
    token: str
    tls: bool = False


def data_dir() -> Path:
    """The user's data directory, by the same rule as `nijigan.server.paths`."""
    named = os.environ.get("NIJIGAN_HOME")
    if named:
        return Path(named)
    home = _home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "nijigan"
    if sys.platform == "darwin":
        return home / "Library/Application Support/nijigan"
    return home / ".local/share/nijigan"


def find_sidecar() -> Place:
    """Return what `sidecar.json` says.

    Raises:
        SidecarNotRunningError: it is not there, or damaged.
        IncompatibleError: the sidecar is of another age.
    """
    path = data_dir() / "sidecar.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        host, port, token = content.get("host", "127.0.0.1"), content["port"], content["token"]
        level, version = content["api_level"], content["version"]
        tls = bool(content.get("tls"))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise SidecarNotRunningError(
            f"No sidecar is running (nothing to read in {path}).", "Start it with: nijigan serve"
        ) from error
    check_api_level(level, version)
    return Place(host, port, token, tls)


def sidecar_at(address: str, token: Optional[str]) -> Place:
    """Return the place at `address`, "host:port", or "tls://host:port" where calls are encrypted.

    The token is the one given, else `$NIJIGAN_TOKEN`, else that of this user's sidecar where that
    is the one at `address`; else there is none. "localhost" is the sidecar's own host then: it
    could stand for another, where another user may listen.

    Raises:
        ValueError: no such address.
    """
    tls = address.startswith(_TLS)
    host, _, port = address[len(_TLS) * tls :].rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"{address!r} is no address. Give host:port, such as 127.0.0.1:50051.")
    host, token = host.strip("[]"), token or os.environ.get("NIJIGAN_TOKEN")
    if token is None:
        with suppress(StylizerError):
            own = find_sidecar()
            if own.port == int(port) and host in (own.host, "localhost"):
                return own
    return Place(host, int(port), token or "", tls)


def check_api_level(level: int, version: str) -> None:
    """Refuse a sidecar whose interface is not known here.

    Raises:
        IncompatibleError: it is not.
    """
    if level not in API_LEVELS:
        older = "client" if level > max(API_LEVELS) else "sidecar"
        remedies = {
            "client": "Update this client, or the plugin that it is part of.",
            "sidecar": "Update nijigan, and restart the sidecar.",
        }
        raise IncompatibleError(
            f"The sidecar (nijigan {version}) has the interface {level}; this client knows "
            f"{', '.join(map(str, API_LEVELS))}.",
            remedies[older],
            metadata={"older": older},
        )


def _home() -> Path:
    try:
        import pwd

        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):  # Windows; a container whose user has no entry
        return Path.home()
