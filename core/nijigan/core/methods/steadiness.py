"""Steadiness: a drawing moves with its photo, whatever the number of pixels.

A network that computes at a quarter of the size draws on a grid of four pixels: a photo that moves
by one is drawn a little differently, and an animation flickers. (The idea of a loss for it is that
of consistency under augmentation: H. Zhang et al. 2020, "Consistency Regularization for Generative
Adversarial Networks"; why networks see such a grid: R. Zhang 2019, "Making Convolutional Networks
Shift-Invariant Again".)
"""

import torch
from torch import Tensor
from torch.nn import functional

Shift = tuple[int, int]

_FARTHEST = 3
# Pixels at each side that do not count: there, moved pictures show their other end.
_BORDER = 32


def draw_shift(source: torch.Generator) -> Shift:
    """Return by how many pixels to move down and right: 0 to 3 each, and not by nothing."""
    number = int(torch.randint(1, (_FARTHEST + 1) ** 2, (1,), generator=source))
    return divmod(number, _FARTHEST + 1)


def moved(pictures: Tensor, shift: Shift) -> Tensor:
    """Return pictures, `(N, C, H, W)`, down and right by `shift`; what leaves comes in opposite."""
    return torch.roll(pictures, shift, (2, 3))


def steadiness_loss(drawn: Tensor, drawn_moved: Tensor, shift: Shift) -> Tensor:
    """Return the mean absolute difference of drawings to those of moved photos, moved back.

    Args:
        drawn: of the photos, `(N, 3, H, W)`.
        drawn_moved: of `moved(photos, shift)`.
        shift: by how many pixels down and right.
    """
    back = moved(drawn_moved, (-shift[0], -shift[1]))
    border = min(_BORDER, min(drawn.shape[2:]) // 4)
    inside = (..., slice(border, -border), slice(border, -border))
    return functional.l1_loss(back[inside], drawn[inside])
