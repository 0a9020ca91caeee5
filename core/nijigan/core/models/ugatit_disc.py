"""The discriminators of U-GAT-IT (Kim et al. 2020, arXiv 1907.10830)."""

from itertools import pairwise
from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from nijigan.core.errors import ConfigError
from nijigan.core.models.cam import ClassActivationMap

_FEWEST, _MOST = 3, 8


class Judgment(NamedTuple):
    """What a discriminator says of pictures; every logit is positive for "real"."""

    verdicts: Tensor
    """`(N, 1, H', W')`: one logit per patch."""
    cam_logit: Tensor
    """`(N, 2)`: the logits of the attention, from the mean and the maximum of each channel."""
    heatmap: Tensor
    """`(N, 1, H'+1, W'+1)`: where the network looked."""


class UGATITDiscriminator(nn.Module):
    """Judge patches of a picture, with spectral norm and attention.

    `n_layers` - 2 convolutions of stride 2 from `ndf` channels on, each doubling them, one of
    stride 1 that doubles them too, the attention, one to a single channel. All are 4×4 and reflect
    at the edges; LeakyReLU 0.2. Spectral norm is on all but the attention's 1×1 convolution.

    Training wants two for each domain. The local one has 5 layers, 3,290,560 parameters, verdicts
    of H/8 - 2 by W/8 - 2 on pictures of at least 24 pixels; the global one 7 layers, 53,130,176
    parameters, H/32 - 2 by W/32 - 2, at least 96 pixels.

    Args:
        n_layers: how many convolutions, 3…8: 7 for the global one, 5 for the local one.
        ndf: channels of the first.

    Raises:
        ConfigError: a number of layers that is not allowed.
    """

    def __init__(self, n_layers: int = 7, ndf: int = 64) -> None:
        super().__init__()
        if not _FEWEST <= n_layers <= _MOST:
            raise ConfigError(
                f"A discriminator with n_layers={n_layers}.",
                f"Use {_FEWEST} to {_MOST}; the published ones have 7 (global) and 5 (local).",
            )
        self._config = {"n_layers": n_layers, "ndf": ndf}
        widths = [3, *(ndf * 2**layer for layer in range(n_layers - 1))]
        layers: list[nn.Module] = []
        for layer, (cin, cout) in enumerate(pairwise(widths)):
            stride = 1 if layer == n_layers - 2 else 2
            layers += [
                nn.ReflectionPad2d(1),
                spectral_norm(nn.Conv2d(cin, cout, 4, stride)),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        self.layers = nn.Sequential(*layers)
        self.cam = ClassActivationMap(widths[-1], nn.LeakyReLU(0.2, inplace=True))
        spectral_norm(self.cam.gap_fc)
        spectral_norm(self.cam.gmp_fc)
        self.pad = nn.ReflectionPad2d(1)
        self.conv = spectral_norm(nn.Conv2d(widths[-1], 1, 4, bias=False))

    def forward(self, picture: Tensor) -> Judgment:
        """Return what the network says of `picture`, `(N, 3, H, W)` in [-1, 1]."""
        attention = self.cam(self.layers(picture))
        verdicts = self.conv(self.pad(attention.features))
        return Judgment(verdicts, attention.logit, attention.heatmap)

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)
