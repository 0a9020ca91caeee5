"""Writes a folder that appears whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nijigan.core.errors import OutputError


def check_folder(out: Path, mark: str) -> None:
    """Refuse to make a folder in the place of something else; see `new_folder`.

    Raises:
        OutputError: `out` is something else.
    """
    if out.exists() and not (out / mark).is_file():
        raise OutputError(f"'{out}' exists and has no {mark}.", "Name a new folder, or remove it.")


@contextmanager
def new_folder(out: Path, mark: str) -> Iterator[Path]:
    """Give an empty folder that becomes `out` when the body ends without an error.

    Args:
        out: the folder to make; one of the same kind that is there already is replaced.
        mark: the file by which such a folder is known.

    Raises:
        OutputError: `out` is something else, or cannot be written.
    """
    check_folder(out, mark)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=out.parent) as temporary:
            folder = Path(temporary) / "folder"
            folder.mkdir()
            yield folder
            shutil.rmtree(out, ignore_errors=True)
            folder.replace(out)
    except OSError as error:
        raise OutputError(
            f"'{out}' cannot be written ({error.strerror}).", "Name a folder that you can write to."
        ) from error
