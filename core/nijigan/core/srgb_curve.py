"""The curve between linear light and sRGB's values (IEC 61966-2-1)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def srgb_from_linear(linear: Floats) -> Floats:
    """Encode linear light in [0, 1], of any shape."""
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def linear_from_srgb(encoded: Floats) -> Floats:
    """Decode sRGB's values in [0, 1], of any shape: the inverse."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
