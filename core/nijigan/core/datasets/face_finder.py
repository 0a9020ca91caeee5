"""What a data set of faces wants of a network that finds them.

Networks are another portion's: it registers a finder under the entry-point group `nijigan.faces`.
"""

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Protocol

from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import MissingExtraError

Point = tuple[float, float]


class SeenFace(Protocol):
    """A face, in pixels from the picture's top left. The person's right eye is at the left of a
    face that looks at us.
    """

    @property
    def side(self) -> float:
        """From the forehead to the chin."""

    @property
    def right_eye(self) -> Point:
        """The pupil, about."""

    @property
    def left_eye(self) -> Point:
        """The pupil, about."""


class FaceFinder(Protocol):
    """Finds faces and cuts them out. Any number of threads may call."""

    least_sharpness: float
    """What a face must have to be drawn well: see `sharpness`."""

    def find(self, rgb: Pixels) -> Sequence[SeenFace]:
        """Return the faces of a picture `(H, W, 3)`, the largest first; not the background's."""

    def sharpness(self, rgb: Pixels, face: SeenFace) -> float:
        """Return how strong its finest detail is beside its coarser: 0 flat, about 1 crisp."""

    def frame_side(self, rgb: Pixels, face: SeenFace) -> float:
        """Return the side in pixels of the square of head and shoulders around it."""

    def cut(self, rgb: Pixels, face: SeenFace, size: int) -> Pixels:
        """Return that square at `size` × `size` pixels."""


def open_face_finder() -> FaceFinder:
    """Return the finder that is installed.

    Raises:
        MissingExtraError: none is.
    """
    for entry in entry_points(group="nijigan.faces"):
        finder: FaceFinder = entry.load()()
        return finder
    raise MissingExtraError("Nothing that finds faces is installed.", "Install nijigan again.")
