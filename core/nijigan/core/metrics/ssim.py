"""Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004)."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from nijigan.core.metrics.luma import luma

_RADIUS = 5
_SIGMA = 1.5


def ssim(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Mean SSIM of the luma of two H×W×3 pictures, in [-1, 1]; 1 for equal ones.

    The paper's settings: an 11×11 Gaussian window of σ 1.5, K1 0.01, K2 0.03, range 255, averaged
    over the positions whose window lies inside the picture (sides of at least 11 pixels).
    """
    x, y = luma(a), luma(b)
    mean_x, mean_y = _blur(x), _blur(y)
    var_x = _blur(x * x) - mean_x**2
    var_y = _blur(y * y) - mean_y**2
    covariance = _blur(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    similarity = ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    )
    return float(similarity[_RADIUS:-_RADIUS, _RADIUS:-_RADIUS].mean())


def _blur(x: NDArray[np.float64]) -> NDArray[np.float64]:
    blurred: NDArray[np.float64] = gaussian_filter(x, _SIGMA, radius=_RADIUS)
    return blurred
