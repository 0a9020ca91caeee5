"""The style encoder of VQ-I2I: a picture to a few numbers (after MUNIT, Huang et al. 2018)."""

from itertools import pairwise

from torch import Tensor, nn

from nijigan.core.errors import ConfigError, ImageError


class StyleEncoder(nn.Module):
    """A picture to a vector that says how it is drawn, not what is where.

    7×7 convolution to `hidden` channels; `n_down` times a 4×4 convolution of stride 2, to twice the
    channels, to four times, and from there on to as many; each pads by reflection and ends in
    ReLU; no norm, which would take the style away. Then the mean over the picture and a 1×1
    convolution to `style_dim` numbers.

    2,764,936 parameters with hidden 64, style_dim 8, n_down 4; 6,901,632 with 128, 128, 3.

    Args:
        hidden: channels at full size.
        style_dim: numbers that a picture becomes.
        n_down: how often the size is halved, at least 2.

    Raises:
        ConfigError: `n_down` below 2.
    """

    def __init__(self, hidden: int, style_dim: int, n_down: int) -> None:
        super().__init__()
        if n_down < 2:
            raise ConfigError(f"A style encoder with n_down={n_down}.", "Use 2 or more.")
        # The last convolution reflects by one pixel, which takes two; the first one by three.
        self.least_side = max(4, 2**n_down)
        widths = [hidden, 2 * hidden, *[4 * hidden] * (n_down - 1)]
        layers: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(3, hidden, 7), nn.ReLU()]
        for cin, cout in pairwise(widths):
            layers += [nn.ReflectionPad2d(1), nn.Conv2d(cin, cout, 4, stride=2), nn.ReLU()]
        layers += [nn.AdaptiveAvgPool2d(1), nn.Conv2d(widths[-1], style_dim, 1), nn.Flatten()]
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        """Return the style, `(N, style_dim)`.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; any H and W from 2^`n_down` on.

        Raises:
            ImageError: a smaller picture.
        """
        height, width = image.shape[-2:]
        if min(height, width) < self.least_side:
            raise ImageError(
                f"A style picture of {width}×{height} px.",
                f"Give one whose sides have {self.least_side} px or more.",
            )
        style: Tensor = self.layers(image)
        return style
