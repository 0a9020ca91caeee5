"""Mean squared error."""

import numpy as np
from numpy.typing import NDArray


def mse(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Mean over all channels of the squared difference of two 8-bit pictures of one shape.

    Of values in [0, 1]: levels / 255.
    """
    return float(np.mean((a.astype(np.float64) - b) ** 2)) / 255**2
