"""How far a Gaussian is from the standard one (Kingma and Welling 2013, appendix B)."""

from torch import Tensor


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """Return ½ Σ (μ² + σ² − 1 − log σ²) in nats, the sum over a picture's numbers, `(N,)`.

    Args:
        mu: means, `(N, latent)`.
        logvar: log variances, `(N, latent)`.
    """
    divergence: Tensor = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(1)
    return divergence
