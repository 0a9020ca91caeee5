# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels in another color space, converted by Krita on layers that nobody sees."""

from contextlib import contextmanager
from typing import Callable, Iterator

from krita import Krita

from nijigan_krita.colors import SRGB8, Space

# Rows of pixels, and their width, to the same rows.
Convert = Callable[[bytes, int], bytes]
_SIDE = 16
_PIXELS_PER_INCH = 72.0


@contextmanager
def conversion(source: Space, target: Space) -> Iterator[Convert]:
    """Give what converts strips from `source` to `target`, while the body runs.

    Krita waits for each, so give few rows at a time. Their layers belong to a tiny document: in one
    that is seen, Krita would wait for all of its canvas each time.
    """
    if source == target:
        yield lambda pixels, _width: pixels
        return
    document = Krita.instance().createDocument(_SIDE, _SIDE, "", *SRGB8, _PIXELS_PER_INCH)

    def convert(pixels: bytes, width: int) -> bytes:
        layer = document.createNode("", "paintlayer")
        layer.setColorSpace(*source)
        height = len(pixels) // (width * len(layer.pixelData(0, 0, 1, 1)))
        layer.setPixelData(pixels, 0, 0, width, height)
        layer.setColorSpace(*target)
        return bytes(layer.pixelData(0, 0, width, height).data())

    try:
        yield convert
    finally:
        document.close()
