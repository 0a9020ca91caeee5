"""BatchNorm that learns a shift and no scale, as TensorFlow's slim has it by default."""

import torch
from torch import nn


class ShiftNorm2d(nn.BatchNorm2d):
    """BatchNorm whose `weight`, the scale γ, is a constant: read from a file, never trained.

    Before a ReLU and a further convolution a scale adds nothing that the convolution could not do.
    The state has the names of `nn.BatchNorm2d`, so that files with and without a trained γ load.

    Args:
        channels: of the feature map.
        eps: added to the variance; slim has 0.001.
        momentum: share of a batch in the running statistics.
    """

    def __init__(self, channels: int, eps: float = 1e-3, momentum: float = 0.1) -> None:
        super().__init__(channels, eps, momentum)
        del self.weight
        self.register_buffer("weight", torch.ones(channels))
