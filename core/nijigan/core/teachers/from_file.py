"""A teacher of one's own: a Python file with a function `draw`."""

import hashlib
import runpy
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import UsageError

_EXAMPLE = "Write one that takes and returns a float32 array of height x width x 3 in 0...1."
# What arithmetic in float32 may leave outside 0...1.
_SLACK = 1e-3


class FileTeacher:
    """Draws with the function `draw` of a Python file, which is run as it is.

    Args:
        path: the file. `draw(photo)` takes an sRGB picture, float32, H×W×3 in [0, 1], and returns
            its drawing of the same size.

    Raises:
        UsageError: it cannot be read or run, or has no function `draw`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise UsageError(
                f"The teacher '{path}' cannot be read: {error.strerror}.", "Correct the path."
            ) from error
        try:
            found = runpy.run_path(str(path)).get("draw")
        except Exception as error:
            raise UsageError(
                f"The teacher '{path}' cannot be run: {_named(error)}.", "Correct the file."
            ) from error
        if not callable(found):
            raise UsageError(f"The teacher '{path}' has no function 'draw'.", _EXAMPLE)
        self._draw = found

    def __repr__(self) -> str:
        return f"FileTeacher({self._path.name!r}, sha256={self._sha256!r})"

    def __call__(self, photo: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the drawing of a photo.

        Raises:
            UsageError: `draw` fails, or returns something else.
        """
        try:
            # A copy: who draws into what was given shall not change the photo of the pair.
            drawn: Any = self._draw(photo.copy())
        except Exception as error:
            raise UsageError(
                f"'draw' of the teacher '{self._path}' failed: {_named(error)}.",
                "Correct the function.",
            ) from error
        fault = _fault(drawn, photo)
        if fault:
            raise UsageError(f"'draw' of the teacher '{self._path}' returned {fault}.", _EXAMPLE)
        clipped: NDArray[np.float32] = np.clip(drawn, 0, 1).astype(np.float32)
        return clipped


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _fault(drawn: Any, photo: NDArray[np.float32]) -> str:
    """Return what a drawing is that it must not be; nothing of a good one."""
    if not isinstance(drawn, np.ndarray):
        return f"a {type(drawn).__name__}"
    if drawn.shape != photo.shape:
        return f"the shape {drawn.shape} of a photo of {photo.shape}"
    if drawn.dtype.kind != "f":
        return f"an array of {drawn.dtype}"
    if not np.isfinite(drawn).all():
        return "numbers that are not finite"
    low, high = drawn.min(), drawn.max()
    if low < -_SLACK or high > 1 + _SLACK:
        return f"numbers from {low:.3g} to {high:.3g}"
    return ""
