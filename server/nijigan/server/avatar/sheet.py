"""Variants of one avatar, and the sheet that game engines cut them from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nijigan.core.images import Picture, resize

SIZES = (64, 128, 256, 512, 1024)
"""Sides of avatars, in pixels: powers of two, which engines compress and scale best."""

LARGEST = 1024
LEAST = 16

_VARIANTS = 4
_COLUMNS = 2


@dataclass(frozen=True)
class Variant:
    """strength: 0…1."""

    style: str
    strength: float


def variants(styles: Sequence[str], strength: float = 1.0) -> list[Variant]:
    """Return the four of a sheet, the strongest first.

    With one style, four strengths: `strength` and what is a fourth, two and three fourths less.
    With two, each at full and at half; with three, the fourth is the first at half.
    """
    if len(styles) == 1:
        return [Variant(styles[0], strength * part) for part in (1.0, 0.75, 0.5, 0.25)]
    whole = [Variant(style, strength) for style in styles[:_VARIANTS]]
    half = [Variant(style, strength / 2) for style in styles]
    return (whole + half)[:_VARIANTS]


def sized(picture: Picture, size: int) -> Picture:
    """Return a square picture at another size.

    Color is weighted by alpha while it is averaged, or what is transparent would tint the edge.
    """
    if picture.width == size:
        return picture
    if picture.alpha is None:
        return Picture(resize(picture.rgb, size, size))
    part = picture.alpha.astype(np.float32) / np.float32(255)
    small = resize(part, size, size)
    weighted = resize(
        picture.rgb.astype(np.float32) / np.float32(255) * part[..., None], size, size
    )
    color = np.where(small[..., None] > 0, weighted / np.maximum(small, 1e-6)[..., None], 0)
    levels = np.rint(255 * color.clip(0, 1)).astype(np.uint8)
    return Picture(levels, np.rint(255 * small).astype(np.uint8))


def cells(count: int, size: int) -> list[tuple[int, int]]:
    """Return left and top of each of `count` pictures of a sheet, in pixels, row by row."""
    return [(i % _COLUMNS * size, i // _COLUMNS * size) for i in range(count)]


def sheet(pictures: Sequence[Picture]) -> Picture:
    """Put square pictures of one size into two columns."""
    size = pictures[0].width
    places = cells(len(pictures), size)
    shape = (places[-1][1] + size, _COLUMNS * size)
    rgb, alpha = np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8)
    for (left, top), picture in zip(places, pictures, strict=True):
        rgb[top : top + size, left : left + size] = picture.rgb
        own = 255 if picture.alpha is None else picture.alpha
        alpha[top : top + size, left : left + size] = own
    return Picture(rgb, None if (alpha == 255).all() else alpha)
