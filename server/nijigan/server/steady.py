"""The mean of drawings of a picture moved by some pixels, so that animations do not shimmer.

A network that computes on a grid of m pixels draws a picture that is moved by m as before, moved
along; moved by less, a little otherwise. What moves so changes from frame to frame. The mean over
such moves hardly does (R. R. Coifman, D. L. Donoho, "Translation-Invariant De-Noising", 1995: cycle
spinning). Here the moves are four, by different parts of m along either axis, where all would be
m². Each frame is drawn by itself, and frames come out as they would in any order.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nijigan.core.images import Level
from nijigan.server.region import Region

Tell = Callable[[float], None]
"""Is told the part that is done, 0…1."""
Draw = Callable[[NDArray[Level], Region | None, Tell], NDArray[Level]]
"""Draws `(H, W, 3)`, or a region of it."""


def moves(multiple: int) -> list[tuple[int, int]]:
    """Return by how many pixels to move right and down, for a grid of `multiple` pixels.

    Along an axis they are the quarters of the grid; four at most, and one for a grid of 1 pixel.
    """
    quarters = [(0, 0), (1, 3), (2, 1), (3, 2)]
    return sorted({(x * multiple // 4, y * multiple // 4) for x, y in quarters})


def mean_of_moved(
    draw: Draw[Level],
    rgb: NDArray[Level],
    multiple: int,
    region: Region | None,
    progress: Tell,
) -> NDArray[Level]:
    """Return the mean of what `draw` makes of `rgb` `(H, W, 3)` for each of the `moves`.

    multiple: of pixels, the network's grid. region: the part that is wanted; what is around it is
    not to be used.
    """
    all_moves = moves(multiple)
    in_levels = rgb.dtype == np.uint8
    total = np.zeros(rgb.shape, np.uint16 if in_levels else np.float32)
    for number, (right, down) in enumerate(all_moves):
        moved = np.pad(rgb, ((down, 0), (right, 0), (0, 0)), mode="reflect")
        part = region and replace(region, left=region.left + right, top=region.top + down)
        drawn = draw(moved, part, partial(_tell, progress, number, len(all_moves)))
        total += drawn[down:, right:]
    if in_levels:
        total += len(all_moves) // 2  # so that the mean is rounded
    mean: NDArray[Any] = total // len(all_moves) if in_levels else total / len(all_moves)
    return mean.astype(rgb.dtype)


def _tell(progress: Tell, before: int, count: int, of_this: float) -> None:
    progress((before + of_this) / count)
