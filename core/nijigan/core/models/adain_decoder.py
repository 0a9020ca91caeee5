"""The decoder of VQ-I2I: VQGAN's, with a style that enters by AdaIN (arXiv 2207.13286)."""

from collections.abc import Sequence

from torch import Tensor, nn

from nijigan.core.models.adain import AdaINBlock
from nijigan.core.models.vqgan_layers import double, level, middle, to_output


class AdaINDecoder(nn.Module):
    """A feature map and the AdaIN values of a style to a picture.

    3×3 convolution to the width of the smallest level; `n_adain` residual blocks with AdaIN; block,
    attention, block; then the levels of the encoder in reverse, each with one residual block more
    and a nearest-neighbor enlargement and 3×3 convolution between them, at the smallest size
    attention after every block; GroupNorm, swish, 3×3 convolution. Nothing limits the range.

    61,328,259 parameters with the widths of the published code and 256 channels in.

    Args:
        ch: channels at full size, a multiple of 32.
        ch_mult: factor of the channels at each level, full size first.
        n_res_blocks: residual blocks of each level of the encoder.
        z_channels: channels in.
        n_adain: blocks with AdaIN.
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
        n_adain: int,
        attention: str,
        dropout: float,
    ) -> None:
        super().__init__()
        smallest, *larger = [ch * factor for factor in reversed(ch_mult)]
        self.conv_in = nn.Conv2d(z_channels, smallest, 3, padding=1)
        self.adain = nn.ModuleList(AdaINBlock(smallest) for _ in range(n_adain))
        layers = middle(smallest, dropout, attention)
        layers += level(smallest, smallest, n_res_blocks + 1, dropout, attention)
        cin = smallest
        for width in larger:
            layers += [*double(cin), *level(cin, width, n_res_blocks + 1, dropout, None)]
            cin = width
        layers += to_output(cin, 3)
        self.layers = nn.Sequential(*layers)

    @property
    def adain_values(self) -> int:
        """How many numbers a style must become: γ and β of two norms in every AdaIN block."""
        return len(self.adain) * 4 * self.conv_in.out_channels

    def forward(self, h: Tensor, adain: Tensor) -> Tensor:
        """Return the picture, `(N, 3, H, W)`, meant for [-1, 1] but not held to it.

        Args:
            h: `(N, z_channels, H / 2^(levels − 1), W / 2^(levels − 1))`.
            adain: `(N, adain_values)`, or `(1, adain_values)` for all pictures alike: by block, by
                norm, first γ, then β.
        """
        values = adain.reshape(-1, len(self.adain), 2, 2, self.conv_in.out_channels)
        h = self.conv_in(h)
        for i, block in enumerate(self.adain):
            h = block(h, values[:, i])
        drawn: Tensor = self.layers(h)
        return drawn
