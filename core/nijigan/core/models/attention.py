"""Self-attention over the pixels of a feature map, of quadratic or of linear cost.

Each kind is a module of its own without weights, so that a walk over a network's layers meets it:
it is where every pixel sees all others.
"""

from torch import Tensor, nn
from torch.nn import functional


class FullAttention(nn.Module):
    """softmax(Q Kᵀ / √C) V with one head (Vaswani et al. 2017): cost quadratic in the pixels."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Return the mixed values; each tensor is `(N, C, H, W)`."""
        q, k, v = (each.flatten(2).mT[:, None] for each in (query, key, value))
        mixed = functional.scaled_dot_product_attention(q, k, v)
        return mixed[:, 0].mT.reshape(value.shape)


class LinearAttention(nn.Module):
    """Q (softmax(K)ᵀ V) with one head, the softmax over the pixels: cost linear in the pixels.

    Efficient attention (Shen et al. 2021, arXiv 1812.01243) in the form of VQGAN's public code,
    which leaves the queries as they are, without a softmax over the channels.
    """

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Return the mixed values; each tensor is `(N, C, H, W)`."""
        summary = key.flatten(2).softmax(-1) @ value.flatten(2).mT
        return (summary.mT @ query.flatten(2)).reshape(value.shape)


ATTENTIONS: dict[str, type[nn.Module]] = {"full": FullAttention, "linear": LinearAttention}
