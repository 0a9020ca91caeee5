"""Tells faces that something covers from the others of a set: sunglasses, masks, hair, text.

No network is asked. Faces are laid over each other by their eyes and compared part by part; what is
rare at its place, in lightness, color or detail, is taken for something that is not face.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nijigan.core.datasets.face_finder import SeenFace
from nijigan.core.datasets.pair import Pixels
from nijigan.core.teachers.color import oklab_from_srgb

F32 = NDArray[np.float32]

PATCH = 24
"""Side of a face laid over others, in pixels: eyes, nose and mouth, hardly any hair."""

LEAST_FACES = 50
"""Of fewer it is not known what is rare."""

_EYES = (0.27, 0.30)  # the right eye's place in the patch; the left one mirrors it
_CELL = 4
_RAREST = 4  # cells; two or three are what glasses and beards have
_LIMIT = 8.0  # of 759 portraits the median has 3.5, 98 of 100 less than 7.8
_LEAST_DETAIL = 0.01


def face_patch(rgb: Pixels, face: SeenFace) -> Pixels:
    """Return a face with its eyes level and at their places: `(PATCH, PATCH, 3)`."""
    (right_x, right_y), (left_x, left_y) = face.right_eye, face.left_eye
    between = 1 - 2 * _EYES[0]
    across = np.array([left_x - right_x, left_y - right_y]) / between
    down = np.array([-across[1], across[0]])
    corner = np.array([right_x, right_y]) - _EYES[0] * across - _EYES[1] * down
    image = Image.fromarray(rgb)
    # What is much larger than the patch is averaged first, for a transform takes single pixels.
    step = max(1.0, float(np.hypot(*across)) / PATCH)
    size = (max(1, round(image.width / step)), max(1, round(image.height / step)))
    rate = np.array(size) / np.array([image.width, image.height])
    small = image.resize(size, Image.Resampling.BOX)
    (a, d), (b, e), (c, f) = across * rate / PATCH, down * rate / PATCH, corner * rate
    matrix = tuple(float(value) for value in (a, b, c, d, e, f))
    return np.asarray(
        small.transform((PATCH, PATCH), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    )


def occluded(patches: Sequence[Pixels]) -> NDArray[np.bool_]:
    """Return which of a set's faces are covered in part: `(n,)`.

    A cell of 4×4 pixels is as rare as it is far from the median of all faces there, in median
    deviations of lightness over the face's own, color beside it, and detail. Medians stand a set a
    third of which is covered. What has the skin's color, as a hand, is not told.

    Raises:
        ValueError: there are fewer than `LEAST_FACES`.
    """
    if len(patches) < LEAST_FACES:
        raise ValueError(f"{len(patches)} faces are fewer than {LEAST_FACES}.")
    cells = _cells(np.stack(patches))
    rarity = np.sqrt((_deviations(cells) ** 2).sum(axis=2))
    return np.asarray(np.sort(rarity, axis=1)[:, -_RAREST:].mean(axis=1) > _LIMIT)


def _cells(patches: Pixels) -> F32:
    """Return lightness, two of color, and detail of each cell: `(n, cells, 4)`."""
    count = len(patches)
    srgb = patches.astype(np.float32) / np.float32(255)
    lab = oklab_from_srgb(srgb.reshape(-1, PATCH, 3)).reshape(count, PATCH, PATCH, 3)
    own = np.median(lab.reshape(count, -1, 3), axis=1).astype(np.float32)[:, None, None]
    lightness = lab[..., 0] / np.maximum(own[..., 0], np.float32(_LEAST_DETAIL))
    color = lab[..., 1:] - own[..., 1:]
    across = np.abs(np.diff(lightness, axis=2, append=lightness[:, :, -1:]))
    down = np.abs(np.diff(lightness, axis=1, append=lightness[:, -1:]))
    detail = np.asarray(across + down, np.float32)
    planes = np.stack([lightness, color[..., 0], color[..., 1]])
    means = [_means(np.asarray(plane, np.float32)) for plane in planes]
    features = np.stack([*means, np.log(_means(detail) + _LEAST_DETAIL)], axis=2)
    return np.asarray(features, np.float32)


def _means(plane: F32) -> F32:
    across = PATCH // _CELL
    blocks = plane.reshape(len(plane), across, _CELL, across, _CELL)
    return np.asarray(blocks.mean(axis=(2, 4)).reshape(len(plane), -1))


def _deviations(values: F32) -> F32:
    """Return how far each is from the median of its column, in median deviations of normal ones."""
    away = values - np.median(values, axis=0)
    usual = 1.4826 * np.median(np.abs(away), axis=0)
    return np.asarray(away / np.maximum(usual, 1e-6))
