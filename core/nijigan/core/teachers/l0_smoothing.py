"""Edge-preserving smoothing by L0 gradient minimization (Xu, Lu, Xu, Jia 2011)."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn, idctn

F32 = NDArray[np.float32]


def l0_smooth(picture: F32, smoothness: float, kappa: float = 2.0, beta_max: float = 1e4) -> F32:
    """The picture with few gradients: min Σ|S-I|² + λ·#{p : |∇S(p)| ≠ 0}.

    Half-quadratic splitting, paper's algorithm 1: a threshold on the gradients alternates with a
    linear solve. The paper's solve is periodic, which ties the left edge to the right one; here the
    border mirrors (a cosine transform), so that no pixel sees the other side.

    Args:
        picture: H×W×C, any scale in which distances between colors mean the same everywhere.
        smoothness: the paper's λ. Larger is flatter; in units of the picture squared.
        kappa: growth of β per iteration; 2 is the paper's.
        beta_max: where to stop. The paper goes to 1e5; past 1e4 the result no longer changes
            visibly.

    Returns:
        H×W×C of the same scale.
    """
    height, width = picture.shape[:2]
    transformed = dctn(picture, axes=(0, 1), type=2)
    laplacian = (
        (2 - 2 * np.cos(np.pi * np.arange(height) / height))[:, None]
        + (2 - 2 * np.cos(np.pi * np.arange(width) / width))[None, :]
    ).astype(np.float32)[..., None]
    smooth = picture
    beta = 2 * smoothness
    while beta < beta_max:
        dx, dy = _gradient(smooth)
        flat = (dx**2 + dy**2).sum(axis=2) < smoothness / beta
        dx[flat] = 0
        dy[flat] = 0
        target = transformed - beta * dctn(_divergence(dx, dy), axes=(0, 1), type=2)
        smooth = idctn(target / (1 + beta * laplacian), axes=(0, 1), type=2)
        beta *= kappa
    return smooth


def _gradient(picture: F32) -> tuple[F32, F32]:
    """Forward differences; zero past the last row and column."""
    dx = np.zeros_like(picture)
    dy = np.zeros_like(picture)
    np.subtract(picture[:, 1:], picture[:, :-1], out=dx[:, :-1])
    np.subtract(picture[1:], picture[:-1], out=dy[:-1])
    return dx, dy


def _divergence(dx: F32, dy: F32) -> F32:
    """The negative adjoint of `_gradient`: ∇·(dx, dy), so that ∇·∇ is the mirror Laplacian."""
    divergence = dx + dy
    divergence[:, 1:] -= dx[:, :-1]
    divergence[1:] -= dy[:-1]
    return divergence
