"""The U-Net generator of pix2pix (Isola et al. 2017, arXiv 1611.07004)."""

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.generator import Generator
from nijigan.core.models.layers import has_bias, norm_layer
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode import Time

NORMS = ("batch", "instance")

_FEWEST, _MOST = 5, 10


class UNet(Generator):
    """Halve the size down to one pixel, double it again, with every size kept on the way.

    Level i has a 4×4 convolution of stride 2 to `ngf`·min(2^i, 8) channels on the way down, a
    transposed one on the way up, and hands what it made on the way down to the way up. A norm
    everywhere but at both ends of the way down and at the picture. LeakyReLU 0.2 on the way down,
    ReLU on the way up, Tanh at the end. With BatchNorm no convolution but the last has a bias,
    with InstanceNorm every one has, as published.

    The published `unet_256` has 8 levels and 54,413,955 parameters, `unet_128` 7 and 41,828,995.

    In training mode half of the values of the levels that keep 8·`ngf` channels are dropped on the
    way up: three levels of `unet_256`, two of `unet_128`. The paper draws with dropout and with the
    statistics of the batch too; in evaluation mode this network does neither, so a picture is the
    same each time and does not depend on its batch mates.

    Args:
        levels: how often the size is halved, 5…10; the sides of a picture must be multiples of
            2^levels, which is `input_multiple`.
        ngf: channels of the first level.
        norm: `batch` (published) or `instance`.

    Raises:
        ConfigError: a number of levels that is not allowed, or another norm.
    """

    has_strength = False

    def __init__(self, levels: int = 8, ngf: int = 64, norm: str = "batch") -> None:
        super().__init__()
        if not _FEWEST <= levels <= _MOST:
            raise ConfigError(
                f"A U-Net with levels={levels}.",
                f"Use {_FEWEST} to {_MOST}; the published ones have 8 (256 px) and 7 (128 px).",
            )
        if norm not in NORMS:
            raise ConfigError(f"No normalization '{norm}' here.", did_you_mean(norm, NORMS))
        self._config = {"levels": levels, "ngf": ngf, "norm": norm}
        self.input_multiple = 2**levels
        widths = [ngf * min(2**level, 8) for level in range(levels)]
        self.down = nn.ModuleList(_down(level, widths, norm) for level in range(levels))
        self.up = nn.ModuleList(_up(level, widths, norm) for level in range(levels))
        self._initialize()

    def _initialize(self) -> None:
        """Draw the weights as pix2pix does: standard deviation 0.02, around 1 in the norms."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, std=0.02)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
            elif isinstance(layer, nn.BatchNorm2d):
                nn.init.normal_(layer.weight, 1.0, 0.02)

    def forward(self, image: Tensor, _strength: Time = 1.0) -> Tensor:
        """Return the picture drawn anew.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`.

        Returns:
            `(N, 3, H, W)` in [-1, 1].
        """
        kept: list[Tensor] = []
        h = image
        for down in self.down:
            h = down(h)
            kept.append(h)
        h = self.up[-1](kept.pop())
        for up in reversed(self.up[:-1]):
            h = up(torch.cat([kept.pop(), h], dim=1))
        drawn: Tensor = h
        return drawn

    def path(self) -> list[nn.Module]:
        """See `Generator.path`; it leads through the smallest size."""
        return [*self.down, *reversed(self.up)]

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)


def _down(level: int, widths: list[int], norm: str) -> nn.Sequential:
    """Return what halves the size to `widths[level]` channels."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if level > 0:
        layers["relu"] = nn.LeakyReLU(0.2)
    cin = widths[level - 1] if level > 0 else 3
    layers["conv"] = nn.Conv2d(cin, widths[level], 4, 2, 1, bias=has_bias(norm))
    if 0 < level < len(widths) - 1:
        layers["norm"] = norm_layer(norm, widths[level])
    return nn.Sequential(layers)


def _up(level: int, widths: list[int], norm: str) -> nn.Sequential:
    """Return what doubles the size of `widths[level]` channels and as many from the way down."""
    innermost = level == len(widths) - 1
    cin = widths[level] if innermost else 2 * widths[level]
    layers: OrderedDict[str, nn.Module] = OrderedDict(relu=nn.ReLU(inplace=True))
    if level == 0:
        layers["conv"] = nn.ConvTranspose2d(cin, 3, 4, 2, 1)
        layers["tanh"] = nn.Tanh()
        return nn.Sequential(layers)
    layers["conv"] = nn.ConvTranspose2d(cin, widths[level - 1], 4, 2, 1, bias=has_bias(norm))
    layers["norm"] = norm_layer(norm, widths[level - 1])
    if level > 3 and not innermost:
        layers["dropout"] = nn.Dropout(0.5)
    return nn.Sequential(layers)
