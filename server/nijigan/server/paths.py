"""Where nijigan keeps what belongs to one user: installed styles, logs, the sidecar's address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nijigan.core.errors import SidecarError
from nijigan.core.user_data import data_dir as data_dir


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise what the system says of `path`, in the data directory, as an error of ours.

    Raises:
        SidecarError: the body raised an OSError.
    """
    try:
        yield
    except OSError as error:
        raise SidecarError(
            f"{error.filename or path} cannot be written ({error.strerror}).",
            "Set NIJIGAN_HOME to a folder that you can write to.",
        ) from error
