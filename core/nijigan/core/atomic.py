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
    # Its own name is short: the longest that `path` may have leaves no room for more.
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except BaseException:  # a keyboard interrupt too
        part.unlink(missing_ok=True)
        raise
