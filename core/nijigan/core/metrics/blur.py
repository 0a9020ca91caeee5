"""How blurred a picture is, without another to compare it with (Crété et al. 2007)."""

import numpy as np
from numpy.typing import NDArray

from nijigan.core.metrics.luma import luma

_WIDTH = 9


def blur(rgb: NDArray[np.uint8]) -> float:
    """Return how little a further blur changes an H×W×3 picture: 0 sharp … 1 blurred.

    Of the differences of neighbors, the share that is left by a mean over 9 pixels; the larger of
    the directions that have any. What is all of one color has nothing that could be sharp: 1.
    """
    gray = luma(rgb)
    shares = [_share_left(gray), _share_left(gray.T)]
    return max((share for share in shares if share is not None), default=1.0)


def _share_left(gray: NDArray[np.float64]) -> float | None:
    half = _WIDTH // 2
    sums = np.cumsum(np.pad(gray, ((0, 0), (half + 1, half)), mode="edge"), axis=1)
    mean = (sums[:, _WIDTH:] - sums[:, :-_WIDTH]) / _WIDTH
    before, after = (np.abs(np.diff(pixels, axis=1)) for pixels in (gray, mean))
    lost = np.maximum(0, before - after).sum()
    return float(1 - lost / before.sum()) if before.sum() else None
