"""Where nijigan keeps what belongs to one user: installed styles, logs, the sidecar's address."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nijigan.core.errors import SidecarError


def data_dir() -> Path:
    """The user's data directory; it need not exist.

    `$NIJIGAN_HOME`, else `%LOCALAPPDATA%\\nijigan`, `~/Library/Application Support/nijigan` or
    `~/.local/share/nijigan`. `$HOME` and `$XDG_DATA_HOME` are not asked: hosts that run in a
    sandbox move them, and the sidecar must be found from there too. `nijigan.client.discovery` has
    the same rule.
    """
    if named := os.environ.get("NIJIGAN_HOME"):
        return Path(named)
    home = _home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "nijigan"
    if sys.platform == "darwin":
        return home / "Library/Application Support/nijigan"
    return home / ".local/share/nijigan"


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise what the system says of `path`, in the data directory, as an error of ours.

    Raises:
        SidecarError: the body raised an OSError.
    """
    try:
        yield
    except OSError as error:
        raise SidecarError(
            f"{error.filename or path} cannot be written ({error.strerror}).",
            "Set NIJIGAN_HOME to a folder that you can write to.",
        ) from error


def _home() -> Path:
    try:
        import pwd

        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):  # Windows; a container whose user has no entry
        return Path.home()
