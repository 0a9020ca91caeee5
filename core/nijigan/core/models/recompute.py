"""Layers that are computed again in the backward pass instead of being kept (Chen et al. 2016)."""

from typing import Any

from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class Recompute:
    """Runs layers, and if it is on keeps nothing of them but what went in.

    Args:
        on: whether it does; without gradients it never does.
    """

    def __init__(self, on: bool = False) -> None:
        self.on = on

    def __call__(self, layer: nn.Module, h: Tensor, *rest: Any) -> Tensor:
        """Return `layer(h, *rest)`."""
        if not (self.on and layer.training):
            output: Tensor = layer(h, *rest)
            return output
        again: Tensor = checkpoint(layer, h, *rest, use_reentrant=False)
        return again
