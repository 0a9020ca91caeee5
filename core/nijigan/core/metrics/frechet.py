"""Fréchet distance of Gaussians fitted to features: FID, and its relatives (arXiv 1706.08500)."""

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

F64 = NDArray[np.float64]


def frechet_distance(a: F64, b: F64) -> float:
    """Return ‖μ₁-μ₂‖² + Tr(Σ₁ + Σ₂ - 2 (Σ₁Σ₂)^½) of two sets of features, in float64.

    The trace of the root is taken from the eigenvalues of Σ₁^½ Σ₂ Σ₁^½, which is symmetric. Unlike
    the root of Σ₁Σ₂ it is exact for covariances without full rank, of fewer pictures than features,
    to which public code adds 10⁻⁶ on the diagonal.

    Args:
        a, b: `(N, d)` features, N of at least 2. Far too large for N below d, and never to be
            compared between sets of another N: the bias depends on it.
    """
    (mean_a, cov_a), (mean_b, cov_b) = _gaussian(a), _gaussian(b)
    values, vectors = linalg.eigh(cov_a)
    root = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    cross = linalg.eigvalsh(root @ cov_b @ root)
    trace = np.trace(cov_a) + np.trace(cov_b) - 2 * np.sqrt(cross.clip(min=0)).sum()
    return max(0.0, float(((mean_a - mean_b) ** 2).sum() + trace))  # not -0 by rounding


def frechet_distance_s0(a: F64, b: F64) -> float:
    """Return the same as the NijiGAN report's code has it, to reproduce its numbers.

    scipy's root of Σ₁Σ₂, nothing added to the diagonal, the real part of what comes out. Of
    singular covariances, N below d, that root is inexact.
    """
    (mean_a, cov_a), (mean_b, cov_b) = _gaussian(a), _gaussian(b)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", linalg.LinAlgWarning)  # as said above
        root = linalg.sqrtm(cov_a @ cov_b)
    return float(((mean_a - mean_b) ** 2).sum() + np.trace(cov_a + cov_b - 2 * np.real(root)))


def _gaussian(x: F64) -> tuple[F64, F64]:
    return x.mean(axis=0), np.atleast_2d(np.cov(x, rowvar=False))
