"""Says which extra to install when a verb needs a package that is not here."""

from collections.abc import Iterator
from contextlib import contextmanager

from nijigan.core.errors import MissingExtraError


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Turn a failed import in the body into one line that says what to install.

    Raises:
        MissingExtraError: a third-party module is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "nijigan":
            raise
        raise MissingExtraError(
            f"The package '{error.name}' is not installed.",
            f"Install it with: pip install 'nijigan[{extra}]'",
        ) from error
