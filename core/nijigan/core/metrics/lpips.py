"""Distance of two pictures on the directions of features (Zhang et al. 2018, arXiv 1801.03924)."""

from collections.abc import Mapping

import torch
from torch import Tensor

_EPSILON = 1e-10

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
"""Of VGG16, to which `lin0` … `lin4` of the published heads belong."""


def lpips(a: Mapping[str, Tensor], b: Mapping[str, Tensor], heads: Mapping[str, Tensor]) -> float:
    """Return Σ_l mean over places of Σ_c w_lc (f_lc/‖f_l‖ - g_lc/‖g_l‖)².

    Args:
        a, b: features of two pictures by layer, `(1, C, H, W)`.
        heads: by layer the weights of the channels, `(C,)`.
    """
    return sum(
        float((weights @ (_direction(a[layer]) - _direction(b[layer])).square().flatten(1)).mean())
        for layer, weights in heads.items()
    )


def uniform_heads(features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return heads that have learned nothing: each layer adds its mean squared distance, by equal
    parts, so that a distance is within 0…4, and within 0…2 after ReLUs.
    """
    return {
        layer: torch.full((found.shape[1],), 1 / len(features)) for layer, found in features.items()
    }


def _direction(features: Tensor) -> Tensor:
    """Return `(C, H, W)` whose channels have the length 1 at each place."""
    (h,) = features
    direction: Tensor = h / (h.square().sum(0).sqrt() + _EPSILON)
    return direction
