"""Attention by class activation maps, as in U-GAT-IT (Kim et al. 2020, arXiv 1907.10830)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Attention(NamedTuple):
    """What a class activation map makes of a feature map."""

    features: Tensor
    """`(N, C, H, W)`: the channels anew, weighted by how much they tell of the domain."""
    logit: Tensor
    """`(N, 2)`: the guess at the domain from the mean and from the maximum of each channel."""
    heatmap: Tensor
    """`(N, 1, H, W)`: the sum of `features` over the channels, to look at."""


class ClassActivationMap(nn.Module):
    """Guess the domain from pooled channels, then weight the channels as the guess did.

    Args:
        channels: of the feature map.
        activation: what follows the 1×1 convolution.
    """

    def __init__(self, channels: int, activation: nn.Module) -> None:
        super().__init__()
        self.gap_fc = nn.Linear(channels, 1, bias=False)
        self.gmp_fc = nn.Linear(channels, 1, bias=False)
        self.conv1x1 = nn.Conv2d(2 * channels, channels, 1)
        self.activation = activation

    def forward(self, h: Tensor) -> Attention:
        """Return the attention over `h`, `(N, C, H, W)`."""
        mean, most = h.mean((2, 3)), h.amax((2, 3))
        logit = torch.cat([self.gap_fc(mean), self.gmp_fc(most)], dim=1)
        weighted = [h * _learned_weight(fc)[:, :, None, None] for fc in (self.gap_fc, self.gmp_fc)]
        features = self.activation(self.conv1x1(torch.cat(weighted, dim=1)))
        return Attention(features, logit, features.sum(1, keepdim=True))


def _learned_weight(layer: nn.Module) -> Tensor:
    # Under spectral norm the published code weights the channels with the value before it.
    return next(layer.parameters())
