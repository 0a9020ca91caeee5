"""Peak signal-to-noise ratio."""

import numpy as np
from numpy.typing import NDArray

from nijigan.core.metrics.mse import mse


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """10·log10(R²/MSE) over all channels of two 8-bit pictures of one shape, in dB; R is 255.

    Infinite for equal pictures.
    """
    error = mse(a, b)
    return float("inf") if error == 0 else -10 * float(np.log10(error))
