"""Layers that are computed again in the backward pass instead of being kept (Chen et al. 2016)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


class Recompute:
    """Runs layers, and if it is on keeps nothing of them but what went in.

    BatchNorm's running statistics see each batch once, as without.

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

        def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
            return nullcontext(), _counting_nothing(layer)

        again: Tensor = checkpoint(layer, h, *rest, use_reentrant=False, context_fn=contexts)
        return again


@contextmanager
def _counting_nothing(layer: nn.Module) -> Iterator[None]:
    """Put the statistics of BatchNorm back after what was computed again."""
    norms = [norm for norm in layer.modules() if isinstance(norm, nn.BatchNorm2d) and norm.training]
    before = [(own, own.clone()) for norm in norms for own in norm.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for own, value in before:
                own.copy_(value)
