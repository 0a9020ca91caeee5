"""Grey values of a picture."""

import numpy as np
from numpy.typing import NDArray


def luma(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Rec. 601 luma of an sRGB picture: H×W in [0, 255]."""
    grey: NDArray[np.float64] = rgb.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    return grey
