# SPDX-License-Identifier: GPL-3.0-or-later
"""Which colors the sidecar takes, and how they lie in Krita's memory."""

from array import array
from typing import NamedTuple, Union

_SRGB = ("sRGB-elle-V2-srgbtrc.icc", "sRGB built-in")
_LINEAR = ("sRGB-elle-V2-g10.icc",)
_FORMATS = {"U8": "BGRA8", "U16": "RGBA16", "F32": "RGBA32F"}
Pixels = Union[bytes, bytearray]
_STRIP_VALUES = 1 << 18  # other threads get their turn in between


class Space(NamedTuple):
    """A color space, in Krita's words: "RGBA", "U8", and the name of the profile."""

    model: str
    depth: str
    profile: str

    @property
    def format(self) -> str:
        """The sidecar's word for pictures that are drawn in this space."""
        return _FORMATS[self.depth]

    @property
    def words(self) -> str:
        """What people call it."""
        return f"{self.model} {self.depth}, {self.profile}"


SRGB8 = Space("RGBA", "U8", _SRGB[0])


def drawn_space(space: Space) -> Space:
    """Return the space that pictures of `space` are drawn in: itself where it can be.

    The sidecar takes sRGB of 8 and 16 bits, and floats in linear light. What has other primaries,
    another curve or other channels is converted, with 16 bits lest its steps show.
    """
    profiles = _LINEAR if space.depth == "F32" else _SRGB
    if space.model == "RGBA" and space.depth in _FORMATS and space.profile in profiles:
        return space
    if space.depth.startswith("F"):
        return Space("RGBA", "F32", _LINEAR[0])
    return Space("RGBA", "U16", _SRGB[0])


def swapped(pixels: Pixels, space: Space) -> Pixels:
    """Exchange red and blue where Krita's order is not that of the sidecar's format, either way."""
    if space.depth != "U16":  # 8 bits have a format of their own, floats are in the same order
        return pixels
    values = array("H")
    values.frombytes(pixels)
    for start in range(0, len(values), _STRIP_VALUES):
        strip = values[start : start + _STRIP_VALUES]
        strip[0::4], strip[2::4] = strip[2::4], strip[0::4]
        values[start : start + _STRIP_VALUES] = strip
    return values.tobytes()
