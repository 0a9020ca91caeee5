"""Sums up many values in five."""

from collections.abc import Sequence

import numpy as np

_PARTS = {"min": 0, "p10": 10, "p50": 50, "p90": 90, "max": 100}


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Return the least, tenth, middle, ninetieth and largest of a hundred such values."""
    return {name: float(np.percentile(values, part)) for name, part in _PARTS.items()}
