"""Files through which pictures pass between processes of one machine, faster than by the wire.

The client makes a file in a folder of the sidecar's, writes the picture into it and sends its name;
the sidecar reads it and writes the drawing in its place. Where the system has a file system in
memory, no disk is touched. Files are read and written, not mapped: a client that cut its file short
would kill a process that had it mapped.
"""

import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread

from nijigan.core.errors import ExchangeError
from nijigan.server.paths import writing

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_IN_MEMORY = Path("/dev/shm")
_SWEEP_SECONDS = 60.0
# After it was written a file is named by a call at once, or never.
_LEFT_SECONDS = 600.0


class Exchange:
    """The folder, while the sidecar runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._claimed: set[str] = set()

    def claim(self, name: str) -> None:
        """Note that a call uses a file, until `drop`."""
        self._claimed.add(name)

    def read(self, name: str, size: int) -> bytearray:
        """Return the picture that a client has put into a file: `size` bytes.

        Raises:
            ExchangeError: there is no such file of this user's, or it has another size.
        """
        with self._opened(name) as descriptor:
            found = os.fstat(descriptor).st_size
            if found != size:
                raise ExchangeError(
                    f"The file has {found} bytes; the picture should have {size}.",
                    "Check the size and format.",
                )
            data = bytearray(size)
            with open(descriptor, "rb", buffering=0, closefd=False) as file:
                rest = memoryview(data)
                while rest:
                    count = file.readinto(rest)
                    if not count:  # it was cut short meanwhile
                        raise ExchangeError("The file was cut short while read.", "Write it first.")
                    rest = rest[count:]
        return data

    def write(self, name: str, data: memoryview) -> None:
        """Put a drawing into the file in place of the picture.

        Raises:
            ExchangeError: the file is gone, or there is no room.
        """
        with self._opened(name) as descriptor:
            try:
                os.ftruncate(descriptor, len(data))
                with open(descriptor, "wb", buffering=0, closefd=False) as file:
                    while data:
                        data = data[file.write(data) :]
            except OSError as error:
                raise ExchangeError(
                    f"The drawing does not fit into the file ({error.strerror}).",
                    "Send the picture itself.",
                ) from error

    def drop(self, name: str) -> None:
        """Take a file away, if its client has not; one that it has open stays readable to it."""
        self._claimed.discard(name)
        if _NAME.fullmatch(name):
            with suppress(OSError):
                (self.folder / name).unlink()

    def sweep(self, seconds: float) -> None:
        """Take away what no call uses, and nobody has written to for so long.

        Clients that were refused, or killed, before the sidecar knew the name may have left it.
        """
        before = time.time() - seconds
        with suppress(OSError):  # the folder is gone
            for path in self.folder.iterdir():
                if path.name not in self._claimed and path.lstat().st_mtime < before:
                    self.drop(path.name)

    @contextmanager
    def _opened(self, name: str) -> Iterator[int]:
        if not _NAME.fullmatch(name):
            raise ExchangeError("The file has a name that none has.", "Use A-Z, a-z, 0-9, _ and -.")
        flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        flags |= getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(self.folder / name, flags)
        except OSError as error:
            raise ExchangeError(
                f"The file cannot be opened here ({error.strerror}).", "Send the picture itself."
            ) from error
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1:
                raise ExchangeError("It is no plain file.", "Send the picture itself.")
            yield descriptor
        finally:
            os.close(descriptor)


@contextmanager
def exchange_folder(home: Path) -> Iterator[Exchange]:
    """Have the folder of the sidecar of `home` while the body runs; what a crash left is removed.

    What clients leave in it is removed too, some minutes after.

    Raises:
        SidecarError: it cannot be made.
    """
    folder, ended = _made(home), Event()
    exchange = Exchange(folder)

    def sweep() -> None:
        while not ended.wait(_SWEEP_SECONDS):
            exchange.sweep(_LEFT_SECONDS)

    Thread(target=sweep, name="exchange", daemon=True).start()
    try:
        yield exchange
    finally:
        ended.set()
        _remove(folder)


def _made(home: Path) -> Path:
    if sys.platform == "linux":
        mark = sha256(str(home.resolve()).encode()).hexdigest()[:16]
        folder = _IN_MEMORY / f"nijigan-{os.getuid()}-{mark}"
        _remove(folder)
        with suppress(OSError):  # there is none, or another user has put something in its place
            folder.mkdir(mode=0o700)
            return folder
    folder = home / "exchange"
    _remove(folder)
    with writing(folder):
        folder.mkdir(mode=0o700)
    return folder


def _remove(folder: Path) -> None:
    """Remove a folder, but not what a link in its place leads to."""
    with suppress(OSError):
        folder.unlink() if folder.is_symlink() else shutil.rmtree(folder)
