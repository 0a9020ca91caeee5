"""The moving average of a network's weights, steadier than the weights themselves."""

import torch
from torch import nn


@torch.no_grad()
def update_average(averaged: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move `averaged` towards `network` by 1 - decay; faster at the start, when it knows little.

    Statistics of BatchNorm are averaged as the weights are, so that the two fit together.
    """
    decay = min(decay, (1 + step) / (10 + step))
    current = network.state_dict()
    for name, value in averaged.state_dict().items():
        if value.dtype.is_floating_point:
            value.lerp_(current[name], 1 - decay)
        else:
            value.copy_(current[name])
