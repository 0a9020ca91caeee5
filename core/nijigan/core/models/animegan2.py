"""The AnimeGANv2 generator: a light encoder and decoder around inverted residual blocks.

AnimeGAN: Chen, Liu and Chen 2019; version 2 by the same authors. The layers are those of the public
PyTorch checkpoints, and so are the names of the parameters.
"""

from typing import Any

from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.generator import Generator
from nijigan.core.models.layers import Enlarge
from nijigan.core.models.strength import per_picture
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode import Time

UPSAMPLING = ("aligned", "double")


class InvertedResidual(nn.Module):
    """1×1 convolution to twice the channels, 3×3 on each channel alone, 1×1 back (MobileNetV2).

    Where `cin` is `cout` the input is added.
    """

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        wide = 2 * cin
        self.adds_input = cin == cout
        self.layers = nn.Sequential(
            conv_norm_lrelu(cin, wide, kernel=1),
            conv_norm_lrelu(wide, wide, groups=wide, bias=True),
            nn.Conv2d(wide, cout, 1, bias=False),
            nn.GroupNorm(1, cout),
        )

    def forward(self, h: Tensor, strength: Time) -> Tensor:
        """Return `(N, cout, H, W)`."""
        branch: Tensor = self.layers(h)
        return h + strength * branch if self.adds_input else branch


class AnimeGAN2(Generator):
    """Full size, half, quarter, four inverted residual blocks, and back: image to image.

    The defaults are the published network, 2,143,552 parameters. Every convolution reflects at the
    edges; every norm is over all channels of one picture (GroupNorm of one group), so a pixel
    depends on the whole picture and on no batch mate.

    | layers                                       | channels, at width 32 | size       |
    |----------------------------------------------|-----------------------|------------|
    | `block_a`: 7×7; 3×3 stride 2; 3×3            | 32, 64, 64            | full, half |
    | `block_b`: 3×3 stride 2; 3×3                 | 128, 128              | quarter    |
    | `block_c`: 3×3; 4 inverted residual; 3×3     | 128, 4 times 256, 128 | quarter    |
    | `block_d`: bilinear enlargement; 3×3; 3×3    | 128, 128              | half       |
    | `block_e`: bilinear enlargement; 3×3; 3×3; 7×7 | 64, 64, 32          | full       |
    | `out_layer`: 1×1, tanh                       | 3                     | full       |

    Args:
        width: channels of the first convolution; all others are multiples.
        upsampling: `aligned` enlarges to exactly the encoder's sizes, corner on corner, and takes
            any size; `double` enlarges to twice the size, half-pixel centers, and takes multiples
            of 4. The public checkpoints are used with both, and the drawings differ.

    Raises:
        ConfigError: an unknown upsampling.
    """

    def __init__(self, width: int = 32, upsampling: str = "aligned") -> None:
        super().__init__()
        if upsampling not in UPSAMPLING:
            raise ConfigError(
                f"No upsampling '{upsampling}'.", did_you_mean(upsampling, UPSAMPLING)
            )
        self._config = {"width": width, "upsampling": upsampling}
        self.input_multiple = 1 if upsampling == "aligned" else 4
        c1, c2, c4, c8 = width, 2 * width, 4 * width, 8 * width
        self.block_a = nn.Sequential(
            conv_norm_lrelu(3, c1, kernel=7),
            conv_norm_lrelu(c1, c2, stride=2),
            conv_norm_lrelu(c2, c2),
        )
        self.block_b = nn.Sequential(conv_norm_lrelu(c2, c4, stride=2), conv_norm_lrelu(c4, c4))
        self.block_c = nn.Sequential(
            conv_norm_lrelu(c4, c4),
            InvertedResidual(c4, c8),
            *(InvertedResidual(c8, c8) for _ in range(3)),
            conv_norm_lrelu(c8, c4),
        )
        self.enlarge = Enlarge(upsampling == "aligned")
        self.block_d = nn.Sequential(conv_norm_lrelu(c4, c4), conv_norm_lrelu(c4, c4))
        self.block_e = nn.Sequential(
            conv_norm_lrelu(c4, c2), conv_norm_lrelu(c2, c2), conv_norm_lrelu(c2, c1, kernel=7)
        )
        self.out_layer = nn.Sequential(nn.Conv2d(c1, 3, 1, bias=False), nn.Tanh())

    def forward(self, image: Tensor, strength: Time = 1.0) -> Tensor:
        """Return the picture drawn anew.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`, at least 16.
            strength: how much of the three residual branches is added, 0…1: a number, a scalar
                tensor, or `(N,)`, one per picture. The published network is at 1.

        Returns:
            `(N, 3, H, W)` in [-1, 1].
        """
        strength = per_picture(strength)
        half: Tensor = self.block_a(image)
        h: Tensor = self.block_b(half)
        for layer in self.block_c:
            h = layer(h, strength) if isinstance(layer, InvertedResidual) else layer(h)
        h = self.block_d(self.enlarge(h, half))
        h = self.block_e(self.enlarge(h, image))
        drawn: Tensor = self.out_layer(h)
        return drawn

    def path(self) -> list[nn.Module]:
        """See `Generator.path`."""
        inner = [*self.block_b, *self.block_c, self.enlarge, *self.block_d, self.enlarge]
        return [*self.block_a, *inner, *self.block_e, *self.out_layer]

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)


def conv_norm_lrelu(
    cin: int, cout: int, *, kernel: int = 3, stride: int = 1, groups: int = 1, bias: bool = False
) -> nn.Sequential:
    """Return reflection, convolution, norm over the whole picture, leaky ReLU.

    With stride 2 only the right and the bottom edge are padded, as TensorFlow does, where the
    checkpoints come from.
    """
    edge = kernel // 2
    padding = (0, 1, 0, 1) if stride == 2 else (edge, edge, edge, edge)
    return nn.Sequential(
        nn.ReflectionPad2d(padding),
        nn.Conv2d(cin, cout, kernel, stride, groups=groups, bias=bias),
        nn.GroupNorm(1, cout),
        nn.LeakyReLU(0.2, inplace=True),
    )
