"""Runs a generator in 16 bits, and what needs more in 32."""

import torch
from torch import Tensor, nn

from nijigan.core.models import Generator
from nijigan.core.models.statistics import PictureStatistics
from nijigan.export.wrapper import Wrapper

DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


class Reduced(Wrapper):
    """A generator whose weights and feature maps have 16 bits; pictures go in and out in 32.

    Norms over the whole picture, and other means over it, are computed in float32, as automatic
    mixed precision does: a sum over a million pixels does not fit into 11 bits.

    Args:
        network: from `unroll`; it is changed.
        dtype: float16 or bfloat16.
    """

    def __init__(self, network: Generator, dtype: torch.dtype) -> None:
        super().__init__(network.to(dtype))
        self.dtype = dtype
        for parent in list(network.modules()):
            for name, child in list(parent.named_children()):
                if _is_norm(child):
                    setattr(parent, name, _InFloat32(child))
                elif isinstance(child, PictureStatistics) and not _is_norm(parent):
                    setattr(parent, name, _MeasuredInFloat32(child))

    def forward(self, image: Tensor, strength: float | Tensor = 1.0) -> Tensor:
        """See `Generator.forward`; `image` and what is returned are float32."""
        drawn: Tensor = self.generator(image.to(self.dtype), strength)
        return drawn.float()


class _InFloat32(nn.Module):
    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module.float()

    def forward(self, h: Tensor, *given: Tensor) -> Tensor:
        normed: Tensor = self.module(h.float(), *(each.float() for each in given))
        return normed.to(h.dtype)


class _MeasuredInFloat32(nn.Module):
    def __init__(self, statistics: PictureStatistics) -> None:
        super().__init__()
        self.statistics = statistics

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        mean, variance = self.statistics(h.float())
        return mean.to(h.dtype), variance.to(h.dtype)


def _is_norm(module: nn.Module) -> bool:
    """Whether a module is statistics and single layers: not a network that has some among it."""
    children = list(module.children())
    has_statistics = any(isinstance(child, PictureStatistics) for child in children)
    of_layers = not any(list(child.children()) for child in children)
    return has_statistics and of_layers and not isinstance(module, Generator)
