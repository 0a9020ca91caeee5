"""Kernel Inception distance (Bińkowski et al. 2018, arXiv 1801.01401), of any features."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

SUBSETS, SUBSET_SIZE = 100, 1000


def kid(a: F64, b: F64, seed: int = 0) -> float:
    """Return the squared maximum mean discrepancy of two sets of features, unbiased.

    The kernel is (x·y/d + 1)³. As published the mean over 100 subsets of 1000 pictures of each set;
    where a set is no larger, all of its pictures are in every subset, and where neither is, one
    subset says it all. 0 is expected of two sets from one distribution, so that values below 0
    occur. Sets of drawings of the same photos are no independent samples: each drawing is compared
    with its own reference too, so that of few pictures even equal sets get less than 0.

    Args:
        a, b: `(N, d)` features, N of at least 2.
        seed: of the choice of subsets.
    """
    if max(len(a), len(b)) <= SUBSET_SIZE:
        return _mmd2(a, b)
    rng = np.random.default_rng(seed)
    return float(np.mean([_mmd2(_subset(a, rng), _subset(b, rng)) for _ in range(SUBSETS)]))


def kid_interval(
    a: F64, b: F64, matched: bool, resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of `kid` by a bootstrap over the pictures, percentiles of it.

    A picture that a resample has twice is not compared with itself: products of a picture with
    itself are left out of the means within a set, as they are in the estimate.

    Args:
        a, b: `(N, d)` features, N of at least 2.
        matched: picture i of both sets has one photo; they are then resampled together, and a
            picture that is there twice meets its own reference as often as one that is there once.
        resamples: of which percentiles are taken.
        seed: of the resamples.
    """
    rng = np.random.default_rng(seed)
    within_a, within_b, across = _kernel(a, a), _kernel(b, b), _kernel(a, b)
    own = np.diag(across).copy()
    for kernel in (within_a, within_b, *([across] if matched else [])):
        np.fill_diagonal(kernel, 0)
    values = []
    for _ in range(resamples):
        u = _multiplicities(len(a), rng)
        v = u if matched else _multiplicities(len(b), rng)
        if matched:
            between = (u @ across @ u + u @ own) / (_pairs(u) + u.sum())
        else:
            between = (u @ across @ v) / (u.sum() * v.sum())
        values.append(_mean_of_pairs(within_a, u) + _mean_of_pairs(within_b, v) - 2 * between)
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def _mmd2(a: F64, b: F64) -> float:
    m, n = len(a), len(b)
    within_a, within_b = _kernel(a, a), _kernel(b, b)
    return float(
        (within_a.sum() - np.trace(within_a)) / (m * (m - 1))
        + (within_b.sum() - np.trace(within_b)) / (n * (n - 1))
        - 2 * _kernel(a, b).mean()
    )


def _kernel(x: F64, y: F64) -> F64:
    kernel: F64 = (x @ y.T / x.shape[1] + 1) ** 3
    return kernel


def _subset(x: F64, rng: np.random.Generator) -> F64:
    return x[rng.choice(len(x), min(SUBSET_SIZE, len(x)), replace=False)]


def _multiplicities(count: int, rng: np.random.Generator) -> F64:
    """How often each of `count` pictures is in a resample that has two of them at least."""
    while True:
        drawn = np.bincount(rng.integers(0, count, count), minlength=count).astype(np.float64)
        if np.count_nonzero(drawn) > 1:
            return drawn


def _mean_of_pairs(kernel: F64, weights: F64) -> float:
    """Mean over pairs of different pictures; the diagonal of `kernel` is 0."""
    return float(weights @ kernel @ weights / _pairs(weights))


def _pairs(weights: F64) -> float:
    return float(weights.sum() ** 2 - (weights**2).sum())
