"""The PatchGAN discriminator: judges every 70×70 patch of a picture (Isola et al. 2017)."""

from typing import Any

from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.keras_layers import keras_instance_norm, same_padding
from nijigan.core.models.layers import has_bias, norm_layer
from nijigan.core.nearest import did_you_mean

FORMS = ("keras", "torch")


class PatchGAN(nn.Module):
    """Five 4×4 convolutions: three of stride 2, two of stride 1, the last one the verdict.

    `(N, C, H, W)` to `(N, 1, H/8 - 2, W/8 - 2)` logits, for H and W multiples of 8 from 24 on, each
    of which sees 70×70 pixels. The channels are `ndf`, twice, four and eight times as many, and 1;
    norm and LeakyReLU follow all but the first, which has no norm, and the last, which has neither.

    Args:
        in_channels: 3 for a picture, 6 for photo and drawing side by side (conditional).
        ndf: channels of the first convolution.
        norm: `instance` (CycleGAN, CUT; 2,764,737 parameters) or `batch` (pix2pix; no bias before
            it), both published, `group` or `none`.
        form: `torch`, or `keras`, the discriminator of the CycleGAN of keras.io (Nain 2020;
            2,765,633 parameters): InstanceNorm learns scale and shift and adds 1e-3 to the
            variance, the convolutions before it have no bias. Padded by TensorFlow's "same", those
            of stride 1 keep the size, so the logits are `(N, 1, H/8, W/8)`: 32×32 of a picture of
            256×256, not 30×30.

    Raises:
        ConfigError: another norm or form, or `keras` with a norm that is not `instance`.
    """

    def __init__(
        self, in_channels: int = 3, ndf: int = 64, norm: str = "instance", form: str = "torch"
    ) -> None:
        super().__init__()
        if form not in FORMS:
            raise ConfigError(f"No form '{form}'.", did_you_mean(form, FORMS))
        if form == "keras" and norm != "instance":
            raise ConfigError(f"The form 'keras' with norm '{norm}'.", "It has norm = 'instance'.")
        self._config = {"in_channels": in_channels, "ndf": ndf, "norm": norm, "form": form}
        keras = form == "keras"
        layers = [*_conv(in_channels, ndf, 2, keras, bias=True), nn.LeakyReLU(0.2, inplace=True)]
        for cin, cout, stride in ((ndf, 2 * ndf, 2), (2 * ndf, 4 * ndf, 2), (4 * ndf, 8 * ndf, 1)):
            layers += [
                *_conv(cin, cout, stride, keras, bias=has_bias(norm) and not keras),
                keras_instance_norm(cout) if keras else norm_layer(norm, cout),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        layers += _conv(8 * ndf, 1, 1, keras, bias=True)
        self.layers = nn.Sequential(*layers)
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, std=0.02)
                if keras and layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(self, picture: Tensor) -> Tensor:
        """Return one logit per patch, positive for "real"; `picture` in [-1, 1]."""
        verdicts: Tensor = self.layers(picture)
        return verdicts

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)


def _conv(cin: int, cout: int, stride: int, keras: bool, *, bias: bool) -> list[nn.Module]:
    """Return a padded 4×4 convolution; "same" padding is a layer of its own."""
    if keras:
        return [same_padding(4, stride), nn.Conv2d(cin, cout, 4, stride, bias=bias)]
    return [nn.Conv2d(cin, cout, 4, stride, 1, bias=bias)]
