"""Finds the black bars that a video has around its picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nijigan.core.datasets.pair import Pixels

_BLACK = 24
_LEAST = 0.4


@dataclass(frozen=True)
class Area:
    """The part of a frame that shows something: rows `top` to `bottom`, columns `left` to `right`.

    `bottom` and `right` are the first that are outside.
    """

    top: int
    bottom: int
    left: int
    right: int

    def of(self, pixels: Pixels) -> Pixels:
        """Return this part of `(H, W, 3)`."""
        return pixels[self.top : self.bottom, self.left : self.right]


def picture_area(frames: Sequence[Pixels]) -> Area:
    """Return what is not a bar in frames `(H, W, 3)` uint8 of one video.

    A row or column is of a bar if all but a fiftieth of it is black (under 24 of 255 levels) in all
    but a tenth of the frames. Bars are cut as wide on one side as on the other: a picture that is
    dark at one edge is not a bar. Where less than 0.4 of a side would be left, nothing is cut.
    """
    height, width = frames[0].shape[:2]
    brightest = [frame.max(axis=2) for frame in frames]
    rows = np.quantile([np.quantile(b, 0.98, axis=1) for b in brightest], 0.9, axis=0)
    columns = np.quantile([np.quantile(b, 0.98, axis=0) for b in brightest], 0.9, axis=0)
    across, down = (_bar(list(line > _BLACK)) for line in (columns, rows))
    return Area(down, height - down, across, width - across)


def _bar(shows: list[bool]) -> int:
    """Return how many are of a bar at each end."""
    if not any(shows):
        return 0
    bar = min(shows.index(True), shows[::-1].index(True))
    return bar if len(shows) - 2 * bar >= _LEAST * len(shows) else 0
