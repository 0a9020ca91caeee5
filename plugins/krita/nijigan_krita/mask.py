# SPDX-License-Identifier: GPL-3.0-or-later
"""A selection, put into the alpha of a drawing."""

from array import array
from typing import Any

from nijigan_krita.colors import Pixels

_CODES = {"U8": "B", "U16": "H", "F32": "f"}
_MOST = 255
_STRIP_PIXELS = 1 << 15  # other threads get their turn in between


def masked(pixels: Pixels, mask: bytes, depth: str) -> Pixels:
    """Return pixels of four channels, straight alpha last, with each alpha times its mask.

    mask: a byte a pixel; 255 leaves alpha as it is, 0 makes it 0, and what is between is a
    feathered edge. depth: Krita's word for what a channel is.
    """
    if mask.count(_MOST) == len(mask):
        return pixels
    values: "array[Any]" = array(_CODES[depth])
    values.frombytes(pixels)
    for start in range(0, len(mask), _STRIP_PIXELS):
        part = mask[start : start + _STRIP_PIXELS]
        if part.count(_MOST) == len(part):
            continue
        alphas = slice(4 * start + 3, 4 * (start + len(part)), 4)
        values[alphas] = _scaled(values[alphas], part, depth)
    return values.tobytes()


def _scaled(alphas: "array[Any]", mask: bytes, depth: str) -> "array[Any]":
    if not any(mask):
        return array(alphas.typecode, bytes(len(alphas) * alphas.itemsize))
    pairs = zip(alphas, mask)
    if depth == "F32":
        return array(alphas.typecode, [alpha * part / _MOST for alpha, part in pairs])
    half = _MOST // 2
    return array(alphas.typecode, [(alpha * part + half) // _MOST for alpha, part in pairs])
