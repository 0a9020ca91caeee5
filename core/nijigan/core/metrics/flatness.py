"""How much of a picture is flat color, as in a drawing."""

import numpy as np
from numpy.typing import NDArray

from nijigan.core.metrics.luma import luma


def flatness(rgb: NDArray[np.uint8]) -> float:
    """Share of pixels whose grey gradient |dx| + |dy| is under 2 of 255 levels, in [0, 1].

    Forward differences; the last row and column have no forward neighbor and do not count.
    """
    grey = luma(rgb)
    dx = np.abs(np.diff(grey, axis=1))[:-1]
    dy = np.abs(np.diff(grey, axis=0))[:, :-1]
    return float(np.mean(dx + dy < 2))
