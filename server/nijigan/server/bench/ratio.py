"""How far a ratio of two medians could be off: a bootstrap over the rounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 2000


@dataclass(frozen=True)
class Ratio:
    """A ratio of medians, with its 95 % interval."""

    value: float
    low: float
    high: float


def ratio_of_medians(times: Sequence[float], others: Sequence[float], seed: int = 0) -> Ratio:
    """Return median(times) / median(others).

    Both were taken in the same rounds, in turn, and are resampled by round: what slowed a whole
    round down slowed both. Percentiles 2.5 and 97.5 of the resampled ratios.

    Args:
        times, others: one of each round; as many.
        seed: of the resamples.
    """
    x, y = np.asarray(times, np.float64), np.asarray(others, np.float64)
    rounds = np.random.default_rng(seed).integers(0, len(x), (_RESAMPLES, len(x)))
    return _ratio(float(np.median(x) / np.median(y)), _medians(x[rounds]) / _medians(y[rounds]))


def ratio_of_ratios(
    first: tuple[Sequence[float], Sequence[float]],
    second: tuple[Sequence[float], Sequence[float]],
    seed: int = 0,
) -> Ratio:
    """Return the second ratio of medians over the first one, of two separate measurements.

    Args:
        first, second: what was timed, and what was timed in turn with it.
        seed: of the resamples.
    """
    rng = np.random.default_rng(seed)
    values, resampled = [], []
    for times, others in (first, second):
        x, y = np.asarray(times, np.float64), np.asarray(others, np.float64)
        rounds = rng.integers(0, len(x), (_RESAMPLES, len(x)))
        values.append(float(np.median(x) / np.median(y)))
        resampled.append(_medians(x[rounds]) / _medians(y[rounds]))
    return _ratio(values[1] / values[0], resampled[1] / resampled[0])


def _medians(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.median(rows, axis=1))


def _ratio(value: float, resampled: NDArray[np.float64]) -> Ratio:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Ratio(value, float(low), float(high))
