"""Vector quantization with a learned codebook (van den Oord et al. 2017, arXiv 1711.00937)."""

from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


class Quantized(NamedTuple):
    """A feature map put onto the codebook."""

    codewords: Tensor
    """`(N, C, H, W)`: the nearest codeword at each place; the gradient is that of the input."""
    loss: Tensor
    """Scalar: what pulls codewords and features together."""
    indices: Tensor
    """`(N, H, W)`, int64: which codeword it is."""
    features: Tensor
    """`(N, C, H, W)`: what was put onto the codebook."""


class VectorQuantizer(nn.Module):
    """Replace each vector of a feature map by the nearest of `n_embed` learned codewords.

    The loss has two terms of equal value, with gradients to opposite sides: sg is stop-gradient,
    z the features, q the codewords, the means are over all values.

        commitment  mean (sg[q] − z)²      moves the features
        codebook    mean (q − sg[z])²      moves the codewords

    The paper (equation 3) weighs the commitment by β: β · commitment + codebook. The code of VQGAN
    (Esser et al. 2021) weighs the other one, commitment + β · codebook, and kept that order, known
    there as a bug, as its default; VQ-I2I inherited it.

    The codewords start uniform in ±1/`n_embed`.

    Args:
        n_embed: number of codewords.
        embed_dim: channels of the feature map.
        beta: β.
        legacy: weigh the codebook term, as VQGAN does; without, the commitment, as in the paper.
    """

    def __init__(
        self, n_embed: int, embed_dim: int, beta: float = 0.25, legacy: bool = True
    ) -> None:
        super().__init__()
        self.n_embed = n_embed
        self.beta = beta
        self.legacy = legacy
        self.embedding = nn.Embedding(n_embed, embed_dim)
        nn.init.uniform_(self.embedding.weight, -1 / n_embed, 1 / n_embed)

    def forward(self, z: Tensor) -> Quantized:
        """Return codewords, loss and indices for `z`, `(N, embed_dim, H, W)`."""
        indices = self.nearest(z)
        codewords = self.lookup(indices)
        commitment = (codewords.detach() - z).square().mean()
        codebook = (codewords - z.detach()).square().mean()
        if self.legacy:
            loss = commitment + self.beta * codebook
        else:
            loss = self.beta * commitment + codebook
        return Quantized(z + (codewords - z).detach(), loss, indices, z)

    def nearest(self, z: Tensor) -> Tensor:
        """Return the index of the codeword nearest to each vector: `(N, H, W)`, int64.

        Of codewords at the same distance it is one of them.

        Args:
            z: `(N, embed_dim, H, W)`.
        """
        vectors = z.detach().movedim(1, -1).float()
        with _float32(z):
            words = self.embedding.weight.detach().float()
            # ‖z − e‖² without ‖z‖², the same for every e: it would only cost digits.
            distances = words.square().sum(1) - 2 * vectors @ words.T
        return distances.argmin(-1)

    def lookup(self, indices: Tensor) -> Tensor:
        """Return the codewords of `indices`, `(N, H, W)`: `(N, embed_dim, H, W)`."""
        return functional.embedding(indices, self.embedding.weight).movedim(-1, 1)

    def perplexity(self, indices: Tensor) -> Tensor:
        """Return how many codewords are in use: a scalar, 1…`n_embed`.

        exp(−Σ p log p) over the share p of each codeword; `n_embed` where all are as frequent.

        Args:
            indices: any shape, int64, at least one.
        """
        share = torch.bincount(indices.flatten(), minlength=self.n_embed) / indices.numel()
        perplexity: Tensor = torch.special.entr(share).sum().exp()
        return perplexity


def _float32(like: Tensor) -> AbstractContextManager[object]:
    """No autocast: the products of bf16 choose other codewords than a later run in float32."""
    device = like.device.type
    if not torch.amp.is_autocast_available(device):  # "meta"
        return nullcontext()
    return torch.autocast(device, enabled=False)
