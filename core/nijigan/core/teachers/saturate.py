"""Stronger color that stays within what sRGB holds."""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

_FULL_CHROMA = 0.28
"""About the largest Oklab chroma that sRGB holds: colors near it are not pushed further out."""


def saturate(lab: F32, gain: float) -> F32:
    """Oklab colors, H×W×3, `gain` times as strong where they are faint, less where they are not."""
    chroma = np.hypot(lab[..., 1:2], lab[..., 2:])
    room = np.clip(1 - chroma / _FULL_CHROMA, 0, 1)
    stronger = lab[..., 1:] * (1 + (gain - 1) * room)
    return np.concatenate([lab[..., :1], stronger], axis=2).astype(np.float32)
