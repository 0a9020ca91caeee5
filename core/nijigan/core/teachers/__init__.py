"""Teachers: algorithms that draw a photo, and so make the pseudo-pairs a generator learns from.

A teacher sees a neighborhood of each pixel and nothing that is measured over the whole picture,
for a network with a bounded receptive field is to learn it.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import UsageError
from nijigan.core.nearest import did_you_mean
from nijigan.core.teachers.cel import Cel
from nijigan.core.teachers.daylight import Daylight
from nijigan.core.teachers.from_file import FileTeacher
from nijigan.core.teachers.ink import Ink

__all__ = ["Cel", "Daylight", "Ink", "Teacher", "available", "create"]

Teacher = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Takes and returns an sRGB picture, float32, H×W×3 in [0, 1], at the style's working scale."""

_TEACHERS: dict[str, Callable[[], Teacher]] = {"cel": Cel, "daylight": Daylight, "ink": Ink}


def available() -> list[str]:
    """The names that `create` knows."""
    return sorted(_TEACHERS)


def create(name: str) -> Teacher:
    """The teacher of that name with its default settings, or of a `.py` file: see `FileTeacher`.

    Raises:
        UsageError: no teacher has that name, or the file has none.
    """
    if name.endswith(".py"):
        return FileTeacher(Path(name))
    if name not in _TEACHERS:
        raise UsageError(
            f"There is no teacher '{name}'.",
            did_you_mean(name, _TEACHERS) + " One of your own is a .py file.",
        )
    return _TEACHERS[name]()
