"""The sidecar's log: one line for each request, in the user's data directory."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from nijigan.server.paths import writing

_MAX_BYTES = 1 << 20
_KEPT = 3
_LIBRARIES = ("grpc", "uvicorn", "asyncio")


def log_path(home: Path) -> Path:
    """Where the log lies in the data directory `home`."""
    return home / "logs" / "sidecar.log"


class _Log(RotatingFileHandler):
    """A log that is lost, on a full disk say, and stops nothing."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging calls it
        """Say nothing: who reads stderr of a sidecar cannot mend it."""


@contextmanager
def sidecar_log(home: Path) -> Iterator[logging.Logger]:
    """Open the log for the body; what the libraries that serve have to say goes there too.

    Raises:
        SidecarError: it cannot be written.
    """
    path = log_path(home)
    with writing(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _Log(path, maxBytes=_MAX_BYTES, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    # Not one of logging.getLogger(): two sidecars in one process must not share it.
    log = logging.Logger("nijigan.sidecar", logging.INFO)
    log.addHandler(handler)
    for name in _LIBRARIES:
        logging.getLogger(name).addHandler(handler)
    try:
        yield log
    finally:
        for name in _LIBRARIES:
            logging.getLogger(name).removeHandler(handler)
        with suppress(OSError):  # what is left of it does not fit on a full disk
            handler.close()
