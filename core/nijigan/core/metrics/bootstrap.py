"""How far a mean over pictures could be off: a bootstrap over the pictures."""

from collections.abc import Sequence

import numpy as np


def mean_interval(
    values: Sequence[float], resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of the mean, percentiles 2.5 and 97.5 of resampled means.

    Args:
        values: one of each picture, finite.
        resamples: of which percentiles are taken.
        seed: of the resamples.
    """
    x = np.asarray(values, np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(x), (resamples, len(x)))
    low, high = np.percentile(x[drawn].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
