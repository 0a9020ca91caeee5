"""The sizes that an engine is built for."""

from dataclasses import dataclass

from nijigan.core.errors import UsageError


@dataclass(frozen=True)
class Shape:
    """How many pictures of which size, in pixels."""

    batch: int
    height: int
    width: int


_STEP = 256
"""Pixels that the largest side of a profile grows by."""


@dataclass(frozen=True)
class Profile:
    """The least, the usual and the largest shape: an engine takes all between, and is fastest at
    the usual one.

    Raises:
        UsageError: a side or the batch does not rise from `least` over `usual` to `most`.
    """

    least: Shape = Shape(1, 64, 64)
    usual: Shape = Shape(1, 512, 512)
    most: Shape = Shape(1, 1088, 1920)

    def __post_init__(self) -> None:
        for name in ("batch", "height", "width"):
            values = [getattr(shape, name) for shape in (self.least, self.usual, self.most)]
            if not 1 <= values[0] <= values[1] <= values[2]:
                raise UsageError(
                    f"A profile's {name} is {', '.join(map(str, values))}.",
                    "Give least, usual and most in rising order, from 1.",
                )

    def covering(self, shape: Shape) -> "Profile":
        """Return a profile that takes a shape too: this one, where it does already.

        Sides grow in steps, so that pictures of nearly a size share an engine.
        """
        most = Shape(
            max(self.most.batch, shape.batch),
            self.most.height if shape.height <= self.most.height else _up(shape.height),
            self.most.width if shape.width <= self.most.width else _up(shape.width),
        )
        least = Shape(
            min(self.least.batch, shape.batch),
            min(self.least.height, shape.height),
            min(self.least.width, shape.width),
        )
        same = (least, most) == (self.least, self.most)
        return self if same else Profile(least, self.usual, most)

    def rows(self, numbers: int) -> tuple[tuple[int, int], ...]:
        """Return the three shapes `(N, numbers)` of an input of rows."""
        return tuple((shape.batch, numbers) for shape in (self.least, self.usual, self.most))

    def images(self) -> tuple[tuple[int, int, int, int], ...]:
        """Return the three shapes of an input of pictures, `(N, 3, H, W)`."""
        return tuple(
            (shape.batch, 3, shape.height, shape.width)
            for shape in (self.least, self.usual, self.most)
        )


def _up(side: int) -> int:
    return -(-side // _STEP) * _STEP
