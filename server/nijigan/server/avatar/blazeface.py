"""What the network BlazeFace says, as faces: anchors, decoding, suppression.

V. Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019.
The numbers are those of MediaPipe's graph face_detection_short_range (model card: faces within 2 m
of a phone's camera, from about a fifth of the picture's side on).
"""

import numpy as np
from numpy.typing import NDArray

from nijigan.server.avatar.face import Face

F32 = NDArray[np.float32]

SIDE = 128
"""Of the square that the network looks at, in pixels."""

# Cells of a grid, in pixels of that square, and how many boxes each cell proposes.
_GRIDS = ((8, 2), (16, 6))
# Logits are clipped here, where their sigmoid is 0 or 1 in float32.
_MOST_LOGIT = 80.0
# Boxes that share more than this part of their union are of one face.
_SAME_FACE = 0.3
_RIGHT_EYE, _LEFT_EYE = slice(4, 6), slice(6, 8)


def anchors() -> F32:
    """Return the middles of the boxes that the network corrects, `(896, 2)`, x and y in 0…1."""
    found = []
    for stride, count in _GRIDS:
        cells = SIDE // stride
        middles = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grid = np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
        found.append(np.repeat(grid, count, axis=0))
    return np.concatenate(found)


def decode(raw: F32, logits: F32, least_score: float) -> tuple[F32, F32]:
    """Return the boxes of a score of `least_score` or more, and their scores.

    raw: `(896, 16)`: the box's middle and size, then six points, in pixels, from the anchor.
    logits: `(896,)`. Boxes are `(n, 16)`: left, top, right, bottom, then the points, all in 0…1.
    """
    scores = 1 / (1 + np.exp(-logits.clip(-_MOST_LOGIT, _MOST_LOGIT)))
    likely = scores >= least_score
    values = raw[likely].reshape(-1, 8, 2) / SIDE
    origin = anchors()[likely][:, None]
    middle, half = values[:, :1] + origin, values[:, 1:2] / 2
    corners = np.concatenate([middle - half, middle + half], axis=1)
    points = values[:, 2:] + origin
    boxes = np.concatenate([corners, points], axis=1).reshape(-1, 16)
    return boxes.astype(np.float32), scores[likely].astype(np.float32)


def suppress(boxes: F32, scores: F32) -> list[tuple[F32, float]]:
    """Return one box for each face, the surest first.

    Boxes that overlap are averaged, weighted by their scores (the paper's blending: a box's
    neighbors say where the face is better than the best of them alone).
    """
    found = []
    order = np.argsort(-scores)
    while order.size:
        best = order[0]
        same = overlap(boxes[best], boxes[order]) > _SAME_FACE
        same[0] = True  # an empty box does not overlap even itself
        group = order[same]
        found.append((np.average(boxes[group], axis=0, weights=scores[group]), scores[best].item()))
        order = order[~same]
    return found


def overlap(box: F32, others: F32) -> F32:
    """Return the shared part of the union of `box` and each of `others`: `(n,)`, 0…1."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:4], others[:, 2:4])
    shared = (high - low).clip(0).prod(axis=1)
    own = (box[2:4] - box[:2]).clip(0).prod()
    areas = (others[:, 2:4] - others[:, :2]).clip(0).prod(axis=1)
    part: F32 = shared / np.maximum(own + areas - shared, 1e-12)
    return part


def to_face(box: F32, score: float) -> Face:
    """Return a box of `(16,)` as a face, in the box's own unit."""
    left, top, right, bottom = (float(each) for each in box[:4])
    right_eye = (float(box[_RIGHT_EYE][0]), float(box[_RIGHT_EYE][1]))
    left_eye = (float(box[_LEFT_EYE][0]), float(box[_LEFT_EYE][1]))
    return Face(left, top, right - left, bottom - top, score, right_eye, left_eye)
