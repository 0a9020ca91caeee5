"""The content encoder of VQ-I2I: the encoder of VQGAN (Esser et al. 2021, arXiv 2012.09841)."""

from collections.abc import Sequence

from torch import Tensor, nn

from nijigan.core.errors import ImageError
from nijigan.core.models.vqgan_layers import halve, level, middle, to_output


class ContentEncoder(nn.Module):
    """A picture to a feature map, smaller by 2^(levels − 1), that says what is where.

    3×3 convolution to `ch` channels; at each level `n_res_blocks` residual blocks with
    `ch`·`ch_mult[i]` channels, and between levels a convolution of stride 2; at the smallest size
    attention after every block; block, attention, block; GroupNorm, swish, 3×3 convolution.

    29,298,176 parameters with the widths of the published code and 256 channels out.

    Args:
        ch: channels at full size, a multiple of 32.
        ch_mult: factor of the channels at each level, one level or more.
        n_res_blocks: residual blocks of each level.
        z_channels: channels out.
        attention: `full` or `linear`.
        dropout: share of the values that are dropped in training.

    Raises:
        ConfigError: a width that is no multiple of 32, or an unknown attention.
    """

    def __init__(
        self,
        ch: int,
        ch_mult: Sequence[int],
        n_res_blocks: int,
        z_channels: int,
        attention: str,
        dropout: float,
    ) -> None:
        super().__init__()
        self.input_multiple = 2 ** (len(ch_mult) - 1)
        widths = [ch * factor for factor in ch_mult]
        layers: list[nn.Module] = [nn.Conv2d(3, ch, 3, padding=1)]
        cin = ch
        for width in widths[:-1]:
            layers += [*level(cin, width, n_res_blocks, dropout, None), *halve(width)]
            cin = width
        layers += level(cin, widths[-1], n_res_blocks, dropout, attention)
        layers += middle(widths[-1], dropout, attention)
        layers += to_output(widths[-1], z_channels)
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        """Return `(N, z_channels, H / 2^(levels − 1), W / 2^(levels − 1))`.

        Args:
            image: `(N, 3, H, W)` in [-1, 1], H and W multiples of 2^(levels − 1).

        Raises:
            ImageError: another size, which the way back up could not restore.
        """
        height, width = image.shape[-2:]
        if height % self.input_multiple or width % self.input_multiple:
            raise ImageError(
                f"This network takes sides that are multiples of {self.input_multiple} px, and the "
                f"image has {width}×{height}.",
                "Pad it or cut it.",
            )
        h: Tensor = self.layers(image)
        return h
