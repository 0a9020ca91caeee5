"""The losses of neural style transfer (Gatys, Ecker and Bethge 2015, arXiv 1508.06576).

They compare what a feature network holds of two pictures: the values themselves are the content,
their Gram matrices the style. With N channels and M positions, and weights w:

    here                                        in the paper
    style_loss    Σ_l w_l · ¼ Σ_ij (G - A)²     Σ_l w_l · E_l: the same number for equal sizes
    content_loss  Σ_l w_l · mean (F - P)²       ½ Σ (F - P)²: give the layer the weight N·M/2

so the paper's total, α content + β style, is `content_loss` with the weight α·N·M/2 plus β times
`style_loss` with the weights 1/5.
"""

from collections.abc import Mapping

import torch
from torch import Tensor


def gram_matrix(features: Tensor) -> Tensor:
    """Return how much of each pair of channels is there at the same places.

    Args:
        features: `(N, C, H, W)`.

    Returns:
        `(N, C, C)`: the sum over positions of the products, not centered, divided by C·H·W. The
        paper's matrix is this times C·H·W; its layer loss divides that out again, so that here
        pictures of unlike sizes can be compared.
    """
    channels, height, width = features.shape[1:]
    flat = features.flatten(2)
    return torch.bmm(flat, flat.transpose(1, 2)) / (channels * height * width)


def style_loss(
    features: Mapping[str, Tensor], grams: Mapping[str, Tensor], weights: Mapping[str, float]
) -> Tensor:
    """Return Σ_l w_l · ¼ Σ_ij (G_ij - A_ij)² over the layers of `weights`: equations 4 and 5.

    Args:
        features: `(N, C, H, W)` by layer, of the drawn pictures.
        grams: `gram_matrix` by layer of the pictures whose style it is: `(N, C, C)`, or
            `(1, C, C)` for one style of all.
        weights: by layer; what these do not name is not looked at.

    Returns:
        A scalar, the mean over the N pictures.
    """
    losses = [
        weight * (gram_matrix(features[layer]) - grams[layer]).square().sum((1, 2)).mean() / 4
        for layer, weight in weights.items()
    ]
    return torch.stack(losses).sum()


def content_loss(
    features: Mapping[str, Tensor], target: Mapping[str, Tensor], weights: Mapping[str, float]
) -> Tensor:
    """Return Σ_l w_l · mean (F - P)² over the layers of `weights`: equation 1 as a mean.

    `features` and `target` are `(N, C, H, W)` by layer, of the drawn pictures and of the photos.
    """
    losses = [
        weight * (features[layer] - target[layer]).square().mean()
        for layer, weight in weights.items()
    ]
    return torch.stack(losses).sum()
