"""The private folder of a studio: what was uploaded, and what its page shows and gives away."""

import secrets
import shutil
from pathlib import Path
from urllib.parse import quote

from nijigan.core.errors import UsageError

SHOWN = "shown"
"""The path, below the page's own, under which the files of `Workspace.shown` are served."""


class Workspace:
    """Files below `folder`, which is this user's alone and is deleted at the end.

    uploads: where Gradio puts what comes, and removes it a day later. shown: what the page may
    fetch, and nothing else is. unfinished: what goes on when it is asked for again.
    """

    def __init__(self, folder: Path) -> None:
        self.uploads = folder / "uploads"
        self.shown = folder / SHOWN
        self.unfinished = folder / "unfinished"
        for path in (self.uploads, self.shown, self.unfinished):
            path.mkdir(mode=0o700)

    def uploaded(self, path: str) -> Path:
        """Return the path of a file that the page says it has uploaded.

        Raises:
            UsageError: it is somewhere else, or gone.
        """
        resolved = Path(path).resolve()
        if self.uploads.resolve() not in resolved.parents or not resolved.is_file():
            raise UsageError("The file that was chosen is not here any more.", "Choose it again.")
        return resolved

    def shelf(self, session: str, name: str) -> "Shelf":
        """Return a new place for what one view of a session will show."""
        # Of another name each time: browsers keep files by their address.
        folder = self.shown / session / name / secrets.token_hex(8)
        folder.mkdir(parents=True, mode=0o700)
        return Shelf(folder, self.shown)

    def forget(self, session: str) -> None:
        """Delete what a session showed, and what it left unfinished."""
        for place in (self.shown, self.unfinished):
            shutil.rmtree(place / session, ignore_errors=True)


class Shelf:
    """A folder of files that the page may fetch."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self._root = root

    def put(self, name: str, data: bytes) -> str:
        """Write a file and return its address, relative to the page."""
        path = self.folder / name
        path.write_bytes(data)
        return self.url(path)

    def url(self, path: Path) -> str:
        """Return the address of a file of this folder."""
        return quote(f"{SHOWN}/{path.relative_to(self._root).as_posix()}")

    def publish(self) -> None:
        """Delete what the view showed before: this is what it shows now."""
        for other in self.folder.parent.iterdir():
            if other != self.folder:
                shutil.rmtree(other, ignore_errors=True)

    def discard(self) -> None:
        """Delete it: the view goes on to show what it did."""
        shutil.rmtree(self.folder, ignore_errors=True)
