"""A rectangle of a picture, such as what an artist has selected."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Self

from nijigan.core.errors import RequestError


@dataclass(frozen=True)
class Region:
    """Pixels `left` … `left + width - 1`, and `top` … `top + height - 1`."""

    left: int
    top: int
    width: int
    height: int

    @property
    def rows(self) -> slice:
        """Of an array `(H, W, …)`."""
        return slice(self.top, self.top + self.height)

    @property
    def columns(self) -> slice:
        """Of an array `(H, W, …)`."""
        return slice(self.left, self.left + self.width)

    def check(self, width: int, height: int) -> None:
        """Refuse a region that is not inside a picture of that size.

        Raises:
            RequestError: it is not, or it is empty.
        """
        right, bottom = self.left + self.width, self.top + self.height
        if min(self.left, self.top) < 0 or min(self.width, self.height) < 1:
            raise RequestError(f"The region {self} is empty.", "Select at least one pixel.")
        if right > width or bottom > height:
            raise RequestError(
                f"The region ends at {right}, {bottom}; the picture is {width}x{height}.",
                "Cut it to the picture first.",
            )

    def scaled(self, old: tuple[int, int], new: tuple[int, int], margin: int) -> Self:
        """Return what the region is when the picture's size goes from `old` to `new`.

        old, new: width, height. margin: pixels of the new size that are added around it, as far as
        the picture goes.
        """
        edges = []
        for start, length, before, after in (
            (self.left, self.width, old[0], new[0]),
            (self.top, self.height, old[1], new[1]),
        ):
            rate = after / before
            low = max(floor(start * rate) - margin, 0)
            high = min(ceil((start + length) * rate) + margin, after)
            edges.append((low, high - low))
        (left, width), (top, height) = edges
        return type(self)(left, top, width, height)

    def widened(self, halo: int, multiple: int, size: tuple[int, int]) -> Self:
        """Return the region and `halo` pixels around it, its edges on multiples of `multiple`.

        size: width and height of the picture, which are multiples.
        """
        edges = []
        for start, length, most in (
            (self.left, self.width, size[0]),
            (self.top, self.height, size[1]),
        ):
            low = max(start - halo, 0) // multiple * multiple
            high = min(-(-(start + length + halo) // multiple) * multiple, most)
            edges.append((low, high - low))
        (left, width), (top, height) = edges
        return type(self)(left, top, width, height)
