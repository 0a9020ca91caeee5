"""Writes a file whole or not at all."""

import secrets
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` through a file beside it and a rename.

    Whatever goes wrong, `path` keeps its old content and nothing partial stays behind. Folders that
    are missing are made.

    Raises:
        OSError: as the system says.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Opened by name, unlike tempfile's, so that the file gets the permissions of any new file.
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except BaseException:  # a keyboard interrupt too
        part.unlink(missing_ok=True)
        raise
