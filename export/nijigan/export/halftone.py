"""Turns the grays of a drawing into dots, as print has them.

A network that looks the same way at every place cannot learn what depends on the place alone. So
dots are put over what it drew, in the pixels of the document that the picture is a part of: they
stay where they are across tiles, selections and the frames of an animation.

Lines are kept from it: a drawing is taken for flat tones times ink, and what is darker than all
around it, and narrow, is ink. A morphological closing takes the ink away; dots come in place of the
tone that is left, and the ink over them.
"""

from collections.abc import Callable
from functools import cache
from math import ceil, cos, pi, radians, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nijigan.core.images import Level, white
from nijigan.export.style import Halftone

F32 = NDArray[np.float32]

_STRIP_ROWS = 256
# What ink leaves of a tone below it is not known any more, and is black either way.
_BLACK = np.float32(1 / 255)
_LEVELS = 256
# Pixels: narrower dots are no dots, but a pattern of their own. Grays stay gray then.
_LEAST_CELL = 2
_LEAST_STEEPNESS = 1e-6


def reach(halftone: Halftone, scale: float) -> int:
    """How far away a pixel is that the result at one depends on. `scale`: as `screen`."""
    return 2 * _radius(halftone, scale)


def screen(
    drawn: NDArray[Level],
    halftone: Halftone,
    scale: float,
    corner: tuple[float, float],
    strength: float,
    pause: Callable[[], None] = lambda: None,
) -> NDArray[Level]:
    """Return a drawing `(H, W, 3)`, uint8 or float32 in [0, 1], whose grays are dots.

    Args:
        drawn: what the network drew; where it has color, the dots have it.
        halftone: lengths of it in pixels of what the network drew.
        scale: how many times as large as that this picture is.
        corner: where its left and top are in the document, in pixels.
        strength: 0…1, the part of the way to dots.
        pause: called now and then; what it raises ends the work.
    """
    if halftone.cell_px * scale < _LEAST_CELL:
        return drawn
    height = drawn.shape[0]
    margin = reach(halftone, scale)
    result = np.empty_like(drawn)
    for top in range(0, height, _STRIP_ROWS):
        pause()
        bottom = min(top + _STRIP_ROWS, height)
        first = max(top - margin, 0)
        seen = drawn[first : min(bottom + margin, height)]
        gray = seen.max(axis=2).astype(np.float32) / white(drawn)
        tone = _without_ink(gray, _radius(halftone, scale))[top - first : bottom - first]
        dots = _dots(tone, halftone, scale, (corner[0], corner[1] + top))
        rate = 1 + np.float32(strength) * (dots / np.maximum(tone, _BLACK) - 1)
        strip = (drawn[top:bottom] * rate[..., None]).clip(0, white(drawn))
        result[top:bottom] = np.rint(strip) if drawn.dtype == np.uint8 else strip
    return result


def _radius(halftone: Halftone, scale: float) -> int:
    return ceil(halftone.line_px * scale / 2)


def _without_ink(gray: F32, radius: int) -> F32:
    """Close `gray`: what is darker than its surroundings and narrower than the window goes."""
    return _extreme(_extreme(gray, radius, np.maximum), radius, np.minimum)


def _extreme(x: F32, radius: int, pick: Callable[[F32, F32], F32]) -> F32:
    """Of the square of `radius` around each pixel; windows are doubled until they are so wide."""
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (radius, radius)
        x = np.moveaxis(np.pad(x, padding, mode="edge"), axis, 0)
        covered, side = 1, 2 * radius + 1
        while covered < side:
            step = min(covered, side - covered)
            x = pick(x[:-step], x[step:])
            covered += step
        x = np.moveaxis(x, 0, axis)
    return x


def _dots(tone: F32, halftone: Halftone, scale: float, corner: tuple[float, float]) -> F32:
    """Return black dots on white whose mean around each pixel is `tone`, with soft edges.

    Tones lighter than half are dots in white, and darker ones holes in black, as in print.
    """
    cell = halftone.cell_px * scale
    angle = radians(halftone.angle_degrees)
    height, width = tone.shape
    x = (corner[0] + np.arange(width)) * (2 * pi / cell)
    y = (corner[1] + np.arange(height))[:, None] * (2 * pi / cell)
    across = np.cos(x * cos(angle) + y * sin(angle))
    along = np.cos(y * cos(angle) - x * sin(angle))
    spot = ((across + along) / 4 + 0.5).astype(np.float32)
    threshold = np.interp(tone, np.linspace(0, 1, _LEVELS), _thresholds()).astype(np.float32)
    steepness = np.sqrt(2 - across * across - along * along) * (pi / 2 / cell)  # for each pixel
    away = (threshold - spot) / np.maximum(steepness, _LEAST_STEEPNESS).astype(np.float32)
    dots: F32 = (away + np.float32(0.5)).clip(0, 1)  # edges as wide as a pixel
    dots[tone >= 1 - _BLACK] = 1  # no dots at all in paper
    dots[tone <= _BLACK] = 0
    return dots


@cache
def _thresholds() -> NDArray[Any]:
    """Return, for tones from black to white, below which value of the spot that part of it lies."""
    turn = np.cos((np.arange(_LEVELS) + 0.5) * (2 * pi / _LEVELS))
    spot = (turn[:, None] + turn) / 4 + 0.5
    thresholds: NDArray[Any] = np.quantile(spot, np.linspace(0, 1, _LEVELS))
    return thresholds
