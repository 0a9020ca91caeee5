"""Peak signal-to-noise ratio."""

import numpy as np
from numpy.typing import NDArray


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """10·log10(255²/MSE) over all channels of two 8-bit pictures of one shape, in dB.

    Infinite for equal pictures.
    """
    error = float(np.mean((a.astype(np.float64) - b) ** 2))
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))
