"""The command that starts the sidecar."""

import os
import shutil
from pathlib import Path
from typing import List

from nijigan_host.errors import CommandError, NotInstalledError
from nijigan_host.install import installed_command

_SERVE = ["serve", "--exit-with-parent"]
# Where pip and pipx put commands, which hosts started from a desktop do not have on their path.
_USUAL_FOLDERS = ("~/.local/bin", "/usr/local/bin", "/opt/homebrew/bin")


def serve_command(chosen: str) -> List[str]:
    """Return the command that starts a sidecar which ends when its starter has.

    chosen: the `nijigan` command, or a Python that has nijigan, or the folder of an environment
    that has it, such as ".venv"; where "", what a plugin has installed, or `nijigan` on the path.

    Raises:
        CommandError: there is none.
    """
    if not chosen:
        return [str(installed_command() or _on_path()), *_SERVE]
    path = Path(chosen).expanduser()
    if path.is_dir():
        path = _in_environment(path)
    if not path.is_file():
        raise CommandError(f"There is no {path}.", "Choose nijigan's command in the settings.")
    if path.name.lower().startswith("python"):
        return [str(path), "-m", "nijigan.core", *_SERVE]
    return [str(path), *_SERVE]


def _on_path() -> str:
    folders = [os.environ.get("PATH", ""), *map(os.path.expanduser, _USUAL_FOLDERS)]
    found = shutil.which("nijigan", path=os.pathsep.join(folders))
    if found is None:
        raise NotInstalledError(
            "nijigan, which draws, is not installed.",
            "Install it, or choose its command in the settings.",
        )
    return found


def _in_environment(folder: Path) -> Path:
    for name in ("bin/nijigan", "Scripts/nijigan.exe"):
        if (folder / name).is_file():
            return folder / name
    return folder / "bin" / "nijigan"
