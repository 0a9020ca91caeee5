"""CUT's PatchGAN discriminator, which scales down without aliasing (Park et al. 2020)."""

from typing import Any

from torch import Tensor, nn

from nijigan.core.models.layers import BlurDown, has_bias, init_published, norm_layer


class AntialiasedPatchGAN(nn.Module):
    """`PatchGAN` with stride 1 and a blurred halving wherever it has stride 2.

    `(N, C, H, W)` to `(N, 1, H/8 - 2, W/8 - 2)` logits, for H and W multiples of 8 from 24 on. It
    has the parameters of `PatchGAN`; by the blurs a logit sees 84×84 pixels instead of 70×70.

    Args:
        in_channels: 3 for a picture, 6 for photo and drawing side by side (conditional).
        ndf: channels of the first convolution.
        norm: `instance` (published), `batch` (no bias before it) or `none`.

    Raises:
        ConfigError: another norm.
    """

    def __init__(self, in_channels: int = 3, ndf: int = 64, norm: str = "instance") -> None:
        super().__init__()
        self._config = {"in_channels": in_channels, "ndf": ndf, "norm": norm}
        bias = has_bias(norm)
        layers: list[nn.Module] = [
            nn.Conv2d(in_channels, ndf, 4, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            BlurDown(ndf),
        ]
        for cin, cout in ((ndf, 2 * ndf), (2 * ndf, 4 * ndf), (4 * ndf, 8 * ndf)):
            layers += [
                nn.Conv2d(cin, cout, 4, padding=1, bias=bias),
                norm_layer(norm, cout),
                nn.LeakyReLU(0.2, inplace=True),
            ]
            if cout < 8 * ndf:
                layers.append(BlurDown(cout))
        layers.append(nn.Conv2d(8 * ndf, 1, 4, padding=1))
        self.layers = nn.Sequential(*layers)
        init_published(self)

    def forward(self, picture: Tensor) -> Tensor:
        """Return one logit per patch, positive for "real"; `picture` in [-1, 1]."""
        verdicts: Tensor = self.layers(picture)
        return verdicts

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)
