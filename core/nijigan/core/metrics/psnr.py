"""Peak signal-to-noise ratio."""

import numpy as np
from numpy.typing import NDArray

from nijigan.core.metrics.mse import mse

_NO_ERROR = 4e-20


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """10·log10(R²/MSE) over all channels of two 8-bit pictures of one shape, in dB; R is 255.

    Infinite for equal pictures.
    """
    error = mse(a, b)
    return float("inf") if error == 0 else -10 * float(np.log10(error))


def tensor_psnr(mean_square: float) -> float:
    """The same of values in [-1, 1], from the mean of their squared differences; R is 2.

    200 dB at most: float32 has no more to say.
    """
    return 10 * float(np.log10(4 / max(mean_square, _NO_ERROR)))
