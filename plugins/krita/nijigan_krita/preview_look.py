# SPDX-License-Identifier: GPL-3.0-or-later
"""How a small picture is drawn so that it looks like the large one will."""

from typing import Tuple

from nijigan_host.drawing import Look
from nijigan_krita.settings import LEAST_SIDE

_TOLERANCE, _LEAST = 1.25, 0.5  # between them the sidecar draws at the picture's own size
_MOST_SIDE = 512  # past that a preview would not be live
_LONGEST = 3  # how many times the short side


def preview_look(look: Look, working: int, short_side: int) -> Look:
    """Return `look` for a reduced picture: drawn at the size that the whole one is drawn at.

    working: the short side that the style was made for. short_side: of the whole picture.
    """
    if isinstance(look.scale, int):
        size = look.scale
    elif look.scale == "auto" and short_side > _TOLERANCE * working > 0:
        size = working
    elif look.scale == "auto" and short_side < _LEAST * working:
        size = int(_LEAST * working)
    else:
        size = short_side
    return look._replace(scale=max(LEAST_SIDE, min(size, _MOST_SIDE)))


def preview_size(width: int, height: int, side: int) -> Tuple[int, int]:
    """Return the size of a picture reduced to a short side of `side`, in the sidecar's limits."""
    ratio = min(1.0, side / max(1, min(width, height)))
    longest = _LONGEST * side
    sizes = [min(longest, max(LEAST_SIDE, round(ratio * length))) for length in (width, height)]
    return sizes[0], sizes[1]
