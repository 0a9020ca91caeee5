"""The PatchGAN discriminator: judges every 70×70 patch of a picture (Isola et al. 2017)."""

from torch import Tensor, nn

from nijigan.core.models.layers import norm_layer


class PatchGAN(nn.Module):
    """Four 4×4 convolutions and a verdict: `(N, C, H, W)` to `(N, 1, H/8 - 2, W/8 - 2)` logits.

    Args:
        in_channels: 3 for a picture, 6 for photo and drawing side by side (conditional).
        ndf: channels of the first convolution.
        norm: `instance`, `batch` (no bias before it) or `none`.
    """

    def __init__(self, in_channels: int = 3, ndf: int = 64, norm: str = "instance") -> None:
        super().__init__()
        bias = norm != "batch"
        layers: list[nn.Module] = [nn.Conv2d(in_channels, ndf, 4, 2, 1), nn.LeakyReLU(0.2, True)]
        for cin, cout, stride in ((ndf, 2 * ndf, 2), (2 * ndf, 4 * ndf, 2), (4 * ndf, 8 * ndf, 1)):
            layers += [
                nn.Conv2d(cin, cout, 4, stride, 1, bias=bias),
                norm_layer(norm, cout),
                nn.LeakyReLU(0.2, True),
            ]
        layers.append(nn.Conv2d(8 * ndf, 1, 4, 1, 1))
        self.layers = nn.Sequential(*layers)
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, std=0.02)

    def forward(self, picture: Tensor) -> Tensor:
        """Return one logit per patch, positive for "real"; `picture` in [-1, 1]."""
        verdicts: Tensor = self.layers(picture)
        return verdicts
