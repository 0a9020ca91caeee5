"""Gives memory that was freed back to the system."""

import ctypes
from collections.abc import Callable
from functools import cache


def give_back_freed_memory() -> None:
    """Do so, where the C library keeps it and can be told to.

    glibc keeps the room of pictures that are gone, in pieces that the next ones often do not fit
    into, so that memory would grow for hours.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # there is no such library on this system
        return None
    return trim
