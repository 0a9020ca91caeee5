"""Finds pictures that look the same: the same shot saved again, resized, or a frame later.

A hash of 64 bits finds candidates fast; small copies of the two then decide. Mirrored, turned and
cut pictures are not found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nijigan.core.datasets.pair import Pixels

SMALL = 24
"""Side of the small copy, in pixels."""

_FREQUENCIES = 8
_NEAR = 64 - 2 * 12
_ALIKE = 0.97  # of different scenes and portraits, the nearest two have 0.94
_FAR_LEVELS = 16.0
_ROWS = 1024


@dataclass(frozen=True, eq=False)
class Look:
    """What a picture looks like from afar.

    bits: float32 `(64,)`, 1 and -1. small: uint8 `(SMALL, SMALL, 3)`, whatever proportions the
    picture has.
    """

    bits: NDArray[np.float32]
    small: Pixels


def look_of(rgb: Pixels) -> Look:
    """Return the look of `(H, W, 3)` uint8.

    The bits say of each of the 8×8 lowest frequencies of a cosine transform of the small copy's
    gray values whether it is above their median; the constant one is always below.
    """
    small = np.asarray(Image.fromarray(rgb).resize((SMALL, SMALL), Image.Resampling.BOX))
    gray = small.astype(np.float64).mean(axis=2)
    waves = _COSINES @ gray @ _COSINES.T
    rest = waves.flatten()[1:].round(6)  # or rounding would decide for pictures of one color
    above = np.concatenate([[False], rest > np.median(rest)])
    return Look(np.where(above, 1, -1).astype(np.float32), small)


def are_alike(a: Look, b: Look) -> bool:
    """Whether two pictures agree: in what varies, and in color on average.

    Hashes may differ in 12 bits, gray values must correlate by 0.97, and colors differ by no more
    than 16 of 255 levels. Where nothing varies, as in pictures of one color, color alone decides.
    """
    if a.bits @ b.bits < _NEAR:
        return False
    x, y = a.small.astype(np.float64), b.small.astype(np.float64)
    if np.abs(x - y).mean() > _FAR_LEVELS:
        return False
    x, y = (gray - gray.mean() for gray in (x.mean(axis=2), y.mean(axis=2)))
    lengths = np.sqrt((x * x).sum() * (y * y).sum())
    flat = SMALL  # the length of gray values that vary by one level
    return lengths < flat * flat or bool((x * y).sum() >= _ALIKE * lengths)


def find_alike(looks: Sequence[Look]) -> Iterator[tuple[int, int]]:
    """Yield the numbers of every two pictures that look the same, the smaller one first.

    The hashes of all are compared, a billion pairs in seconds; few are then looked at again.
    """
    bits = np.array([look.bits for look in looks])
    for start in range(0, len(bits), _ROWS):
        # a product of hashes counts the bits that agree, less those that do not
        near = bits[start : start + _ROWS] @ bits[start:].T >= _NEAR
        for row, column in np.argwhere(near):
            a, b = start + int(row), start + int(column)
            if a < b and are_alike(looks[a], looks[b]):
                yield a, b


def clusters(looks: Sequence[Look]) -> list[list[int]]:
    """Return the numbers of pictures that look the same, two and more at a time.

    Of three, the first may look like the second and that like the third alone.
    """
    root = list(range(len(looks)))

    def find(number: int) -> int:
        while root[number] != number:
            root[number] = number = root[root[number]]
        return number

    for a, b in find_alike(looks):
        a, b = find(a), find(b)
        root[max(a, b)] = min(a, b)
    found: dict[int, list[int]] = {}
    for number in range(len(looks)):
        found.setdefault(find(number), []).append(number)
    return [cluster for cluster in found.values() if len(cluster) > 1]


def _cosines() -> NDArray[np.float64]:
    """Return the first rows of the matrix of DCT-II (Ahmed, Natarajan, Rao 1974)."""
    frequency = np.arange(_FREQUENCIES)[:, None]
    return np.asarray(np.cos(np.pi / SMALL * (np.arange(SMALL) + 0.5) * frequency))


_COSINES = _cosines()
