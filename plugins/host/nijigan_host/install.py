"""Installs nijigan into an environment of its own, for artists who have no Python to care for."""

import os
import shutil
import subprocess
import sys
from collections import deque
from pathlib import Path
from threading import Event, Thread
from typing import Callable, Iterator, List, Optional, Sequence

from nijigan.client.discovery import data_dir
from nijigan_host.errors import InstallError
from nijigan_host.logs import install_log

LEAST_PYTHON = (3, 11)
_PYTHONS = ("python3.13", "python3.12", "python3.11", "python3", "python")
_DONE = "nijigan-is-installed"  # a file that is there when all of it is
_LAST_LINES = 4
_POLL_SECONDS = 0.1
_FLAGS = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows opens a console else
# What a host tells its own Python is not for another one.
_NOT_INHERITED = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV")


def environment() -> Path:
    """Return the folder of the environment, which need not be there."""
    return data_dir() / "environment"


def installed_command() -> Optional[Path]:
    """Return the command `nijigan` of the environment, None where it is not installed."""
    folder = environment()
    command = _in(folder, "nijigan")
    return command if (folder / _DONE).is_file() and command.is_file() else None


def install(package: str, tell: Callable[[str], None], cancel: Event) -> Path:
    """Install `package` with what it needs, from where pip or uv is set to; return the command.

    package: as pip understands it: a name, a wheel's path. tell: is given each line that is said.
    cancel: setting it stops the installation. What an earlier one has left is replaced.

    Raises:
        InstallError: there is no Python for it, or it failed, or was stopped.
    """
    log = install_log()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        (environment() / _DONE).unlink()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InstallError(f"{data_dir()} cannot be written ({error}).", "Make room.") from error
    with log.open("w", encoding="utf-8") as file:
        for command in _commands(package):
            file.write(f"{' '.join(command)}\n")
            for line in _lines(command, cancel):
                file.write(f"{line}\n")
                file.flush()
                tell(line)
    installed = _in(environment(), "nijigan")
    if not installed.is_file():
        raise InstallError(f"{package} has no command nijigan.", "Name the package nijigan.")
    (environment() / _DONE).write_text("", encoding="utf-8")
    return installed


def _commands(package: str) -> List[List[str]]:
    """Return what is to be run: uv where there is one, else venv and pip."""
    folder = str(environment())
    python = str(_in(environment(), "python"))
    uv = shutil.which("uv")
    if uv is not None:
        wanted = ">={}.{}".format(*LEAST_PYTHON)
        return [
            [uv, "venv", "--clear", "--python", wanted, folder],
            [uv, "pip", "install", "--python", python, package],
        ]
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    return [[find_python(), "-m", "venv", "--clear", folder], [*pip, package]]


def find_python() -> str:
    """Return a Python that nijigan runs in: the host's own, or one on the path.

    Raises:
        InstallError: there is none.
    """
    own = Path(sys.executable)  # in some hosts the host itself
    candidates = [str(own)] if own.name.lower().startswith("python") else []
    candidates += [found for found in map(shutil.which, _PYTHONS) if found]
    check = f"import sys, venv, ensurepip; sys.exit(sys.version_info < {LEAST_PYTHON})"
    for python in candidates:
        done = subprocess.run(
            [python, "-c", check], env=_environment(), capture_output=True, creationflags=_FLAGS
        )
        if done.returncode == 0:
            return python
    raise InstallError(
        "There is no Python {}.{} or newer with venv here.".format(*LEAST_PYTHON),
        "Install uv or Python, then try again.",
    )


def _lines(command: Sequence[str], cancel: Event) -> Iterator[str]:
    """Run a command and yield what it says, line by line.

    Raises:
        InstallError: it cannot be run, or failed, or `cancel` was set.
    """
    try:
        process = subprocess.Popen(
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            creationflags=_FLAGS,
        )
    except OSError as error:
        raise InstallError(f"{command[0]} cannot be run ({error}).", "Install uv.") from error
    said: "deque[str]" = deque(maxlen=_LAST_LINES)
    Thread(target=_kill_on, args=(cancel, process), name="nijigan-install", daemon=True).start()
    with process:
        assert process.stdout is not None, "it is a pipe"
        for line in filter(None, map(str.strip, process.stdout)):
            said.append(line)
            yield line
    if cancel.is_set():
        raise InstallError("The installation was stopped.", "Install once more.")
    if process.returncode != 0:
        what = next((line for line in reversed(said) if "error" in line.lower()), "")
        raise InstallError(
            f"nijigan was not installed: {what or ' '.join(said) or process.returncode}".rstrip(
                "."
            ),
            f"The log is {install_log()}.",
        )


def _kill_on(cancel: Event, process: "subprocess.Popen[str]") -> None:
    while process.poll() is None:
        if cancel.wait(_POLL_SECONDS):
            process.kill()
            return


def _environment() -> "dict[str, str]":
    return {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}


def _in(folder: Path, command: str) -> Path:
    if sys.platform == "win32":
        return folder / "Scripts" / f"{command}.exe"
    return folder / "bin" / command
