# SPDX-License-Identifier: GPL-3.0-or-later
"""Rectangles of a canvas."""

from typing import Iterator, NamedTuple

_STRIP_PIXELS = 1 << 17


class Area(NamedTuple):
    """A rectangle, in pixels from the canvas' top left."""

    left: int
    top: int
    width: int
    height: int

    @property
    def is_empty(self) -> bool:
        """Whether no pixel is in it."""
        return self.width <= 0 or self.height <= 0

    def common(self, other: "Area") -> "Area":
        """Return what is in both; it may be empty."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right = min(self.left + self.width, other.left + other.width)
        bottom = min(self.top + self.height, other.top + other.height)
        return Area(left, top, max(0, right - left), max(0, bottom - top))

    def strips(self) -> Iterator["Area"]:
        """Cut it into strips of whole rows, from the top.

        Krita is handed over to in between, so that it never waits for all of a large picture.
        """
        rows = max(1, _STRIP_PIXELS // max(1, self.width))
        for top in range(self.top, self.top + self.height, rows):
            height = min(rows, self.top + self.height - top)
            yield Area(self.left, top, self.width, height)
