"""A lock that one process of a user holds; the system gives it back when the process is gone."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nijigan.server.paths import writing


@contextmanager
def lease(path: Path) -> Iterator[bool]:
    """Hold the lock file at `path` while the body runs; gives False where another holds it.

    A file with a process number in it would do, but for crashes: numbers are used again, and a
    sandboxed host does not see those outside.

    Raises:
        SidecarError: the file cannot be opened, or its folder made.
    """
    with writing(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _lock(descriptor)
    finally:
        os.close(descriptor)  # which unlocks


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
