"""The CartoonGAN generator: eight residual blocks at a quarter of the size (Chen et al. 2018)."""

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.models.generator import Generator
from nijigan.core.models.strength import per_picture
from nijigan.core.ode import Time

# Of the public networks. It shows where a channel is nearly constant.
_EPS = 1e-9


class CartoonBlock(nn.Module):
    """h + f(h), f being convolution, norm, ReLU, convolution, norm; edges reflect."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect")
        self.norm1 = _norm(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect")
        self.norm2 = _norm(channels)

    def forward(self, h: Tensor, strength: Time) -> Tensor:
        """Return `h` and `strength` times the branch, `(N, C, H, W)`."""
        branch: Tensor = self.norm2(self.conv2(self.relu(self.norm1(self.conv1(h)))))
        return h + strength * branch


class CartoonGAN(Generator):
    """Encoder, residual blocks, decoder: image to image.

    The defaults are the network of the authors' public weights, 11,129,667 parameters. Each scaling
    is two convolutions with one norm after the second; convolutions at full size and in the blocks
    reflect at the edges, the others pad with zeros. Norms are InstanceNorm with scale and shift
    and eps 1e-9, so a pixel depends on the whole picture and on no batch mate.

    | layers                                      | channels, at ngf 64 | size    |
    |---------------------------------------------|---------------------|---------|
    | `encoder.stem` 7×7                          | 64                  | full    |
    | `encoder.down1` 3×3 stride 2, `.conv1` 3×3  | 128                 | half    |
    | `encoder.down2` 3×3 stride 2, `.conv2` 3×3  | 256                 | quarter |
    | `blocks`, 8 of two 3×3                      | 256                 | quarter |
    | `decoder.up1` transposed 3×3, `.conv1` 3×3  | 128                 | half    |
    | `decoder.up2` transposed 3×3, `.conv2` 3×3  | 64                  | full    |
    | `decoder.out` 7×7, tanh                     | 3                   | full    |

    The public weights see and draw blue, green, red. Here pictures are RGB as everywhere, and the
    network swaps the channels on its way in and out.

    Args:
        ngf: channels at full size; twice as many at half size, four times at a quarter.
        n_blocks: residual blocks.
    """

    input_multiple = 4

    def __init__(self, ngf: int = 64, n_blocks: int = 8) -> None:
        super().__init__()
        self._config = {"ngf": ngf, "n_blocks": n_blocks}
        self.encoder = _encoder(ngf)
        self.blocks = nn.ModuleList(CartoonBlock(4 * ngf) for _ in range(n_blocks))
        self.decoder = _decoder(ngf)

    def forward(self, image: Tensor, strength: Time = 1.0) -> Tensor:
        """Return the picture drawn anew.

        Args:
            image: `(N, 3, H, W)` RGB in [-1, 1]; H and W multiples of `input_multiple`, at least
                16.
            strength: how much of every residual branch is added, 0…1: a number, a scalar tensor,
                or `(N,)`, one per picture. The published network is at 1.

        Returns:
            `(N, 3, H, W)` RGB in [-1, 1].
        """
        strength = per_picture(strength)
        h: Tensor = self.encoder(_swapped(image))
        for block in self.blocks:
            h = block(h, strength)
        return _swapped(self.decoder(h))

    def path(self) -> list[nn.Module]:
        """See `Generator.path`."""
        return [*self.encoder, *self.blocks, *self.decoder]

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)


def _swapped(picture: Tensor) -> Tensor:
    """Return RGB as BGR, and BGR as RGB."""
    return torch.cat(torch.split(picture, 1, dim=1)[::-1], dim=1)


def _encoder(ngf: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            pad=nn.ReflectionPad2d(3),
            stem=nn.Conv2d(3, ngf, 7),
            stem_norm=_norm(ngf),
            stem_relu=nn.ReLU(inplace=True),
            down1=nn.Conv2d(ngf, 2 * ngf, 3, stride=2, padding=1),
            conv1=nn.Conv2d(2 * ngf, 2 * ngf, 3, padding=1),
            norm1=_norm(2 * ngf),
            relu1=nn.ReLU(inplace=True),
            down2=nn.Conv2d(2 * ngf, 4 * ngf, 3, stride=2, padding=1),
            conv2=nn.Conv2d(4 * ngf, 4 * ngf, 3, padding=1),
            norm2=_norm(4 * ngf),
            relu2=nn.ReLU(inplace=True),
        )
    )


def _decoder(ngf: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            up1=nn.ConvTranspose2d(4 * ngf, 2 * ngf, 3, stride=2, padding=1, output_padding=1),
            conv1=nn.Conv2d(2 * ngf, 2 * ngf, 3, padding=1),
            norm1=_norm(2 * ngf),
            relu1=nn.ReLU(inplace=True),
            up2=nn.ConvTranspose2d(2 * ngf, ngf, 3, stride=2, padding=1, output_padding=1),
            conv2=nn.Conv2d(ngf, ngf, 3, padding=1),
            norm2=_norm(ngf),
            relu2=nn.ReLU(inplace=True),
            pad=nn.ReflectionPad2d(3),
            out=nn.Conv2d(ngf, 3, 7),
            tanh=nn.Tanh(),
        )
    )


def _norm(channels: int) -> nn.InstanceNorm2d:
    return nn.InstanceNorm2d(channels, eps=_EPS, affine=True)
