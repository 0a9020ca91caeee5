"""The one layer in which a network looks at the whole picture."""

import torch
from torch import Tensor, nn


class PictureStatistics(nn.Module):
    """Mean and variance of each picture, over all its pixels.

    It is a module of its own so that export can find every place where a network looks at the whole
    picture, and hand in there what was measured on another one.

    Args:
        over_channels: one value for all channels, not one for each.
        unbiased: divide the squares by one less than their number.
    """

    def __init__(self, over_channels: bool = False, unbiased: bool = False) -> None:
        super().__init__()
        self.over_channels = over_channels
        self.unbiased = unbiased

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and variance of `h`, `(N, C, H, W)`: each `(N, C, 1, 1)`.

        With `over_channels` each is `(N, 1, 1, 1)`.
        """
        dims = (1, 2, 3) if self.over_channels else (2, 3)
        correction = 1 if self.unbiased else 0
        variance, mean = torch.var_mean(h, dims, correction=correction, keepdim=True)
        return mean, variance
