"""Soft quantization of lightness into a few tones (Winnemöller, Olsen, Gooch 2006, section 3.3)."""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def soft_quantize(lightness: F32, levels: int, sharpness: float) -> F32:
    """Lightness pulled towards the tones 0, 1/levels, … 1, with soft steps half-way between them.

    Their equation 7, scaled so that neighboring steps meet whatever their sharpness.

    Args:
        lightness: any shape, in [0, 1].
        levels: number of steps.
        sharpness: slope of a step: near 0 leaves the lightness as it is, large gives hard edges.

    Returns:
        The same shape, in [0, 1].
    """
    step = (np.floor(np.clip(lightness, 0, 1 - 1e-6) * levels) + 0.5) / levels
    from_step = (lightness - step) * levels  # -0.5 … 0.5
    rise = np.tanh(sharpness * from_step) / np.tanh(sharpness * 0.5)
    tones: F32 = (step + 0.5 / levels * rise).astype(np.float32)
    return tones
