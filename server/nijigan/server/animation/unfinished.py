"""What is done of a drawing that takes long, in a folder beside it, so that it can go on.

<name of the result>.part/
    progress.json     below
    lock              held while a process draws
    ...               what is done, where it is not in its place yet

Keys of `progress.json`:

    format    1
    run       what the pixels hang on, texts by their names: {"source", "style", "strength", ...}
    frames    how many are done, from the first on
    digest    SHA-256 over the files that they were made of and that they are
    state     what the frame after them is drawn with, in base64
"""

import base64
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nijigan.core.atomic import write_atomically
from nijigan.core.errors import OutputError, UsageError
from nijigan.server.lease import lease

_FORMAT = 1
_PROGRESS, _LOCK = "progress.json", "lock"
_ANEW = "To begin anew, add --restart."


class Unfinished:
    """A drawing that is under way.

    folder: for what is done. frames: how many are. state: what the next one is drawn with.
    """

    def __init__(self, folder: Path, run: Mapping[str, str]) -> None:
        self.folder = folder
        self.frames = 0
        self.state = b""
        self._run = dict(run)
        self._digest = ""

    def go_on(self) -> None:
        """Read how far an earlier run came, if there was one.

        Raises:
            UsageError: it was of another source or other settings.
            OutputError: what it noted is damaged.
        """
        path = self.folder / _PROGRESS
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            run = dict(found["run"]) if found["format"] == _FORMAT else {}
            frames, digest = int(found["frames"]), str(found["digest"])
            state = base64.b64decode(found["state"])
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(f"{path} is damaged ({error}).", _ANEW) from error
        if frames and run != self._run:
            raise UsageError(
                f"{self.folder} has {frames} frames that were drawn otherwise: "
                f"{_differences(run, self._run)}.",
                f"Give what was given then to go on. {_ANEW}",
            )
        self.frames, self.state, self._digest = frames, state, digest

    def is_unchanged(self, files: Iterable[Path]) -> bool:
        """Whether the files that were given to `advance`, in that order, are as they were then."""
        digest = ""
        for path in files:
            digest = _extended(digest, path)
        return digest == self._digest

    def begin(self) -> None:
        """Begin anew.

        Raises:
            OutputError: the folder is not one of ours. OSError: as the system says.
        """
        inside = [path for path in self.folder.iterdir() if path.name != _LOCK]
        if inside and self.folder / _PROGRESS not in inside:
            raise OutputError(f"{self.folder} is in the way.", "Move or rename it.")
        for path in inside:
            path.unlink()
        self.frames, self.state, self._digest = 0, b"", ""
        self._write()

    def advance(self, count: int, state: bytes, files: Iterable[Path]) -> None:
        """Note that so many more frames are done.

        files: that they were made of and that they are; one that is not there counts, too.

        Raises:
            OSError: as the system says.
        """
        for path in files:
            self._digest = _extended(self._digest, path)
        self.frames += count
        self.state = state
        self._write()

    def _write(self) -> None:
        content = {
            "format": _FORMAT,
            "run": self._run,
            "frames": self.frames,
            "digest": self._digest,
            "state": base64.b64encode(self.state).decode("ascii"),
        }
        write_atomically(self.folder / _PROGRESS, json.dumps(content, indent=1).encode())


def part_folder(target: Path) -> Path:
    """Return the folder for what is done of a result."""
    return target.with_name(f"{target.name}.part")


@contextmanager
def unfinished(
    target: Path,
    run: Mapping[str, str],
    restart: bool,
    total: int,
    files: Callable[[int], Iterable[Path]],
    tell: Callable[[str], None],
) -> Iterator[Unfinished]:
    """Go on with the drawing of `target`, or begin. It is finished when the body is through.

    Where the body is left before, what is done stays for the next run.

    Args:
        target: beside it the folder is made.
        run: what the pixels hang on.
        restart: begin anew whatever is done.
        total: how many frames there are.
        files: returns what was given to `advance` for so many frames, all in one.
        tell: is told where it goes on, and where it stopped.

    Raises:
        UsageError: what is done is of another source or other settings.
        OutputError: a file cannot be written, or another process draws the same.
    """
    folder = part_folder(target)
    work = Unfinished(folder, run)
    stays = True
    with _written(target):
        try:
            with _locked(folder, target):
                _find_place(work, restart, total, files, tell)
                stays = False
                try:
                    yield work
                except BaseException:
                    stays = work.frames > 0
                    goes_on = "; the same command goes on" if stays else ""
                    tell(f"{work.frames} of {total} frames are done{goes_on}.")
                    raise
        finally:
            if not stays:
                shutil.rmtree(folder)


@contextmanager
def _locked(folder: Path, target: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with lease(folder / _LOCK) as is_ours:
        if not is_ours:
            raise OutputError(f"Another process is drawing {target}.", "Wait for it.")
        yield


def _find_place(
    work: Unfinished,
    restart: bool,
    total: int,
    files: Callable[[int], Iterable[Path]],
    tell: Callable[[str], None],
) -> None:
    """Go on where an earlier run stopped if that can be, or begin."""
    if not restart:
        work.go_on()
    if work.frames and work.is_unchanged(files(work.frames)):
        tell(f"Going on after {work.frames} of {total} frames.")
        return
    if work.frames:
        tell(f"Files of the {work.frames} frames that were done have changed: drawing all anew.")
    work.begin()


@contextmanager
def _written(target: Path) -> Iterator[None]:
    """Raise what the system says as an error of ours."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written ({error.strerror}).",
            "Make room there, or choose another place with -o.",
        ) from error


def _extended(digest: str, path: Path) -> str:
    """Return the digest of files that end with one more."""
    content = hashlib.sha256()
    try:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256")
    except FileNotFoundError:
        pass
    return hashlib.sha256(f"{digest} {path.name} {content.hexdigest()}".encode()).hexdigest()


def _differences(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    names = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    return ", ".join(f"{name} {_short(then, name)}, now {_short(now, name)}" for name in names)


def _short(run: Mapping[str, str], name: str) -> str:
    text = run.get(name, "none")
    return text if len(text) <= 24 else f"{text[:24]}…"
