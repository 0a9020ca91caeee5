"""Finds faces for data sets, as it does for avatars: what is learned from is framed as what is
drawn later.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nijigan.core.images import Picture
from nijigan.server.avatar.choice import LEAST_SHARPNESS
from nijigan.server.avatar.detector import FaceDetector
from nijigan.server.avatar.face import Face
from nijigan.server.avatar.frame import Frame, cut, frame_face
from nijigan.server.avatar.sharpness import sharpness
from nijigan.server.cancel import Cancel

U8 = NDArray[np.uint8]


class FaceFinder:
    """See `nijigan.core.datasets.face_finder.FaceFinder`."""

    least_sharpness = LEAST_SHARPNESS

    def __init__(self) -> None:
        self._detector = FaceDetector()

    def find(self, rgb: U8) -> Sequence[Face]:
        """Return the faces of a picture, the largest first."""
        return self._detector.find(rgb, Cancel())

    def sharpness(self, rgb: U8, face: Face) -> float:
        """See `sharpness`."""
        return sharpness(rgb, face)

    def frame_side(self, rgb: U8, face: Face) -> float:
        """Return the side of the frame, in pixels."""
        return _frame(rgb, face).side

    def cut(self, rgb: U8, face: Face, size: int) -> U8:
        """Return what is in the frame."""
        return cut(Picture(rgb), _frame(rgb, face), size).rgb


def _frame(rgb: U8, face: Face) -> Frame:
    return frame_face(face, rgb.shape[1], rgb.shape[0])
