"""Tells pictures without color."""

import numpy as np

from nijigan.core.datasets.pair import Pixels

_GRAY_LEVELS = 8


def is_gray(rgb: Pixels) -> bool:
    """Whether 99 of 100 pixels of `(H, W, 3)` uint8 have channels within 8 levels of each other."""
    return bool(np.percentile(np.ptp(rgb, axis=2), 99) <= _GRAY_LEVELS)
