"""Adaptive instance normalization (Huang and Belongie 2017, arXiv 1703.06868)."""

from torch import Tensor, nn
from torch.nn import functional

from nijigan.core.models.statistics import PictureStatistics

_EPS = 1e-5


class AdaIN(nn.Module):
    """γ · (h − mean) / √(variance + 1e-5) + β, over the pixels of each channel; γ and β are given.

    The variance is the biased one, as in InstanceNorm.
    """

    def __init__(self) -> None:
        super().__init__()
        self.statistics = PictureStatistics()

    def forward(self, h: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        """Return `h`, `(N, C, H, W)`, normalized; `gamma` and `beta` are `(N, C)` or `(1, C)`."""
        mean, variance = self.statistics(h)
        normed: Tensor = (h - mean) / (variance + _EPS).sqrt()
        return normed * gamma[:, :, None, None] + beta[:, :, None, None]


class AdaINBlock(nn.Module):
    """Convolution, AdaIN, ReLU, convolution, AdaIN, and the skip.

    The convolutions are 3×3 with bias and pad by reflection; at a side of one pixel, where nothing
    could be reflected, by repeating the edge.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3)
        self.norm1 = AdaIN()
        self.conv2 = nn.Conv2d(channels, channels, 3)
        self.norm2 = AdaIN()

    def forward(self, h: Tensor, adain: Tensor) -> Tensor:
        """Return the same shape as `h`, `(N, C, H, W)`.

        Args:
            h: the feature map.
            adain: `(N, 2, 2, C)` or `(1, 2, 2, C)`: for the first and the second norm, γ and β.
        """
        inner = functional.relu(self.norm1(self.conv1(_padded(h)), adain[:, 0, 0], adain[:, 0, 1]))
        inner = self.norm2(self.conv2(_padded(inner)), adain[:, 1, 0], adain[:, 1, 1])
        drawn: Tensor = h + inner
        return drawn


def _padded(h: Tensor) -> Tensor:
    mode = "reflect" if min(h.shape[-2:]) > 1 else "replicate"
    return functional.pad(h, (1, 1, 1, 1), mode=mode)
