"""A face in a picture."""

from dataclasses import dataclass
from math import atan2, degrees

Point = tuple[float, float]


@dataclass(frozen=True)
class Face:
    """Where a face is, in pixels from the picture's top left.

    left, top, width, height: the square around it, from the forehead to the chin. score: 0…1, how
    sure the network is. right_eye, left_eye: the person's own, so the right one is at the left of
    a face that looks at us.
    """

    left: float
    top: float
    width: float
    height: float
    score: float
    right_eye: Point
    left_eye: Point

    @property
    def side(self) -> float:
        """Its size, in pixels."""
        return max(self.width, self.height)

    @property
    def middle(self) -> Point:
        """Of the square."""
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def between_eyes(self) -> Point:
        """The point halfway from one eye to the other."""
        (ax, ay), (bx, by) = self.right_eye, self.left_eye
        return (ax + bx) / 2, (ay + by) / 2

    @property
    def roll(self) -> float:
        """How far the head is tilted, in degrees; clockwise as seen is positive."""
        (ax, ay), (bx, by) = self.right_eye, self.left_eye
        return degrees(atan2(by - ay, bx - ax))
