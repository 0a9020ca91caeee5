"""Finds the faces of a picture."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nijigan.core.images import to_tensor
from nijigan.server.avatar import blazeface
from nijigan.server.avatar.face import Face
from nijigan.server.avatar.network import Network
from nijigan.server.cancel import Cancel

LEAST_SCORE = 0.75
"""A face's least score, 0…1. Of 759 portraits the least is 0.84, of 177 scenes the greatest 0.75:
docs/avatars.md."""

# The network sees faces from a fifth of its view on: see `blazeface`. Where none, or one so small
# that another half its size might be missed, was seen in the whole picture, it looks at parts.
_LEAST_PART_OF_VIEW = 0.2
_VIEWS_PER_SIDE = (1, 2, 4)
# A face beside one that is more than twice as large is taken for one of the background.
RIVAL_PART = 0.5


class FaceDetector:
    """Finds faces. Any number of threads may call."""

    def __init__(self) -> None:
        self._network = Network("face.onnx")

    def find(
        self, rgb: NDArray[np.uint8], cancel: Cancel, least_score: float = LEAST_SCORE
    ) -> list[Face]:
        """Return the faces of a picture `(H, W, 3)`, the largest first, without the background's.

        Raises:
            CancelledError: `cancel` was set.
        """
        image = Image.fromarray(rgb)
        found: list[blazeface.F32] = []
        scores: list[float] = []
        for count in _VIEWS_PER_SIDE:
            side = max(rgb.shape[:2]) / count
            for left, top in _corners(rgb.shape[1], rgb.shape[0], side, count):
                cancel.raise_if_set()
                for box, score in self._look(image, left, top, side, least_score):
                    found.append(box)
                    scores.append(score)
            faces = _merged(found, scores)
            if faces and faces[0].side * RIVAL_PART >= _LEAST_PART_OF_VIEW * side:
                break
        return [face for face in faces if face.side >= RIVAL_PART * faces[0].side]

    def _look(
        self, image: Image.Image, left: float, top: float, side: float, least_score: float
    ) -> Iterator[tuple[blazeface.F32, float]]:
        """Yield what is seen in a square of the picture, in pixels of the picture."""
        square = _square(image, left, top, side)
        raw, logits = self._network.run(to_tensor(square))
        boxes, scores = blazeface.decode(raw[0], logits[0, :, 0], least_score)
        for box, score in blazeface.suppress(boxes, scores):
            yield box * np.float32(side) + np.tile(np.array([left, top], np.float32), 8), score


def _square(image: Image.Image, left: float, top: float, side: float) -> NDArray[np.uint8]:
    """Cut a square out of the picture, at the size of the network's view; black outside of it."""
    box = (round(left), round(top), round(left + side), round(top + side))
    inside = (max(box[0], 0), max(box[1], 0), min(box[2], image.width), min(box[3], image.height))
    rate = blazeface.SIDE / side
    size = (
        max(1, round((inside[2] - inside[0]) * rate)),
        max(1, round((inside[3] - inside[1]) * rate)),
    )
    view = Image.new("RGB", (blazeface.SIDE, blazeface.SIDE))
    at = (round((inside[0] - left) * rate), round((inside[1] - top) * rate))
    view.paste(image.resize(size, Image.Resampling.BILINEAR, inside, reducing_gap=2.0), at)
    return np.asarray(view)


def _corners(width: int, height: int, side: float, count: int) -> Iterator[tuple[float, float]]:
    """Yield left and top of squares that cover a picture and overlap by a half, or of the whole."""
    if count == 1:
        yield (width - side) / 2, (height - side) / 2
        return
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield left, top


def _starts(length: int, side: float) -> list[float]:
    if length <= side:
        return [(length - side) / 2]
    count = int(np.ceil((length - side) / (side / 2))) + 1
    return [float(start) for start in np.linspace(0, length - side, count)]


def _merged(found: list[blazeface.F32], scores: list[float]) -> list[Face]:
    """Return each face once, however many views it was seen in, the largest first.

    A part of a face that was cut by the edge of a view looks like a smaller face inside it.
    """
    if not found:
        return []
    boxes, sure = np.stack(found), np.array(scores, np.float32)
    merged = [blazeface.to_face(box, score) for box, score in blazeface.suppress(boxes, sure)]
    merged.sort(key=lambda face: -face.side)
    kept: list[Face] = []
    for face in merged:
        if not any(_holds(larger, face) for larger in kept):
            kept.append(face)
    return kept


def _holds(larger: Face, face: Face) -> bool:
    x, y = face.middle
    return (
        larger.left < x < larger.left + larger.width and larger.top < y < larger.top + larger.height
    )
