"""A distance on the directions of features (Zhang et al. 2018, arXiv 1801.03924, equation 1)."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional


def perceptual_loss(
    features: Mapping[str, Tensor], target: Mapping[str, Tensor], weights: Mapping[str, float]
) -> Tensor:
    """Return Σ_l w_l · mean over places of ‖f/‖f‖ − p/‖p‖‖², a scalar.

    At every place the features of a layer are brought to length 1, so that no layer is loud by its
    scale: each adds between 0 and 4 times its weight. LPIPS has learned weights of every channel
    in place of w_l.

    Args:
        features, target: `(N, C, H, W)` by layer.
        weights: by layer; what these do not name is not looked at.
    """
    losses = [
        weight * (_direction(features[layer]) - _direction(target[layer])).square().sum(1).mean()
        for layer, weight in weights.items()
    ]
    return torch.stack(losses).sum()


def _direction(h: Tensor) -> Tensor:
    return functional.normalize(h, dim=1, eps=1e-10)
