"""Where nijigan keeps what belongs to one user."""

import os
import sys
from pathlib import Path


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


def _home() -> Path:
    try:
        import pwd

        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):  # Windows; a container whose user has no entry
        return Path.home()
