"""The ResNet generators of CycleGAN (Zhu et al. 2017) and CUT (Park et al. 2020)."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.generator import Generator
from nijigan.core.models.keras_layers import keras_instance_norm, same_cropping, same_padding
from nijigan.core.models.layers import BlurDown, BlurUp, has_bias, norm_layer
from nijigan.core.models.recompute import Recompute
from nijigan.core.models.strength import per_picture
from nijigan.core.models.taps import stages_of, tap
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode import Time

NORMS = ("batch", "instance")
FORMS = ("keras", "torch")


@dataclass(frozen=True)
class _Make:
    """What all layers of a network have in common."""

    norm: str
    antialias: bool
    keras: bool

    @property
    def bias(self) -> bool:
        """Whether a convolution before a norm has a bias: not where the norm brings one."""
        return has_bias(self.norm) and not self.keras

    def norm_layer(self, channels: int) -> nn.Module:
        return keras_instance_norm(channels) if self.keras else norm_layer(self.norm, channels)


class ResidualBlock(nn.Module):
    """h + f(h), f a convolution, norm, ReLU, dropout where wanted, convolution, norm."""

    def __init__(self, channels: int, make: _Make, dropout: bool) -> None:
        super().__init__()
        self.conv1 = _reflecting_conv3(channels, make.bias)
        self.norm1 = make.norm_layer(channels)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.5) if dropout else nn.Identity()
        self.conv2 = _reflecting_conv3(channels, make.bias)
        self.norm2 = make.norm_layer(channels)

    def forward(self, h: Tensor, strength: Time = 1.0) -> Tensor:
        """Return h + strength · f(h), `(N, C, H, W)`; one strength per picture is `(N, 1, 1, 1)`.

        It is one Euler step of dh/dt = f(h) to t = strength.
        """
        inner = self.dropout(self.relu(self.norm1(self.conv1(h))))
        residual: Tensor = self.norm2(self.conv2(inner))
        return h + strength * residual


class ResNetGenerator(Generator):
    """Encoder, residual blocks at a quarter of the size, decoder: image to image.

    With C = `ngf`: 7×7 convolution to C at full size, 3×3 to 2C, halved, 3×3 to 4C, halved; the
    blocks; doubled, 3×3 to 2C, doubled, 3×3 to C, 7×7 to 3 and tanh. Norm and ReLU follow every
    convolution outside the blocks but the last. The defaults are CUT's generator (11,378,179
    parameters, as many as CycleGAN's), also used by Scenimefy; with 4 blocks it is `NijiGAN` with
    one Euler step per block.

    Args:
        ngf: channels at full size.
        n_blocks: residual blocks; 9, 6 and 4 are published.
        norm: `instance` (published) or `batch` (no bias before it).
        form: `torch`, or `keras`, the CycleGAN of keras.io (Nain 2020; 11,383,427 parameters with 9
            blocks): InstanceNorm learns scale and shift and adds 1e-3 to the variance, the
            convolutions before it have no bias, strided ones are padded at the right and bottom
            only. It goes with `antialias` off, and starts as CycleGAN but for the last layer, whose
            first weights are Xavier uniform.
        antialias: True is CUT: blur, then drop pixels; enlarge bilinearly. False is CycleGAN:
            convolutions of stride 2, transposed convolutions. It also decides the first weights:
            Xavier normal with gain 0.02 (CUT) or normal with deviation 0.02 (CycleGAN).
        dropout: drop half of the values between the convolutions of a block while training.

    Raises:
        ConfigError: another norm or form, or `keras` with BatchNorm or with blurs.
    """

    input_multiple = 4
    # CUT with 9 blocks uses the first five: its fifth is the output of the block in the middle.
    taps = ("pad", "down1", "down2", "bottleneck.first", "bottleneck.middle", "bottleneck.last")

    def __init__(
        self,
        ngf: int = 64,
        n_blocks: int = 9,
        norm: str = "instance",
        form: str = "torch",
        antialias: bool = True,
        dropout: bool = False,
    ) -> None:
        super().__init__()
        if norm not in NORMS:
            raise ConfigError(f"No normalization '{norm}' here.", did_you_mean(norm, NORMS))
        if form not in FORMS:
            raise ConfigError(f"No form '{form}'.", did_you_mean(form, FORMS))
        if form == "keras" and (norm != "instance" or antialias):
            raise ConfigError(
                f"The form 'keras' with norm '{norm}' and antialias {antialias}.",
                "It has norm = 'instance' and antialias = false.",
            )
        self._config = {
            "ngf": ngf,
            "n_blocks": n_blocks,
            "norm": norm,
            "form": form,
            "antialias": antialias,
            "dropout": dropout,
        }
        make = _Make(norm, antialias, form == "keras")
        self.encoder = _encoder(ngf, make)
        self.blocks = nn.ModuleList(ResidualBlock(4 * ngf, make, dropout) for _ in range(n_blocks))
        self.decoder = _decoder(ngf, make)
        self.recompute = Recompute()
        self._initialize(antialias)
        if make.keras:
            nn.init.xavier_uniform_(self.decoder.get_parameter("head.weight"))

    def _initialize(self, antialias: bool) -> None:
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
                if antialias:
                    nn.init.xavier_normal_(layer.weight, gain=0.02)
                else:
                    nn.init.normal_(layer.weight, std=0.02)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
            elif isinstance(layer, nn.BatchNorm2d):
                nn.init.normal_(layer.weight, mean=1.0, std=0.02)

    def forward(self, image: Tensor, strength: Time = 1.0) -> Tensor:
        """Return the picture drawn anew.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`, at least 16.
            strength: factor of every residual, 0…1: a number, a scalar tensor, or `(N,)`, one per
                picture. It enters nowhere else; at 0 every block is the identity.

        Returns:
            `(N, 3, H, W)` in [-1, 1].
        """
        strength = per_picture(strength)
        h: Tensor = self.encoder(image)
        for block in self.blocks:
            h = self.recompute(block, h, strength)
        drawn: Tensor = self.decoder(h)
        return drawn

    def features(self, image: Tensor, taps: Sequence[str]) -> dict[str, Tensor]:
        """Return what the network holds of `image` at each of `taps`, at strength 1.

        What follows the last of them is not run.
        """
        return tap(image, stages_of(self.encoder, self.blocks, self.recompute), taps)

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)

    def set_checkpointing(self, on: bool) -> None:
        """See `Generator.set_checkpointing`."""
        self.recompute = Recompute(on)

    def path(self) -> list[nn.Module]:
        """See `Generator.path`."""
        return [*self.encoder, *self.blocks, *self.decoder]


def _reflecting_conv3(channels: int, bias: bool) -> nn.Conv2d:
    return nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect", bias=bias)


def _encoder(ngf: int, make: _Make) -> nn.Sequential:
    """Return the layers from 3 channels at full size to 4·ngf at a quarter."""
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        pad=nn.ReflectionPad2d(3),
        stem=nn.Conv2d(3, ngf, 7, bias=make.bias),
        stem_norm=make.norm_layer(ngf),
        stem_relu=nn.ReLU(inplace=True),
    )
    for name, cin, cout in (("down1", ngf, 2 * ngf), ("down2", 2 * ngf, 4 * ngf)):
        stride = 1 if make.antialias else 2
        if make.keras:
            layers[f"{name}_pad"] = same_padding(3, stride)
        padding = 0 if make.keras else 1
        layers[name] = nn.Conv2d(cin, cout, 3, stride, padding, bias=make.bias)
        layers[f"{name}_norm"] = make.norm_layer(cout)
        layers[f"{name}_relu"] = nn.ReLU(inplace=True)
        if make.antialias:
            layers[f"{name}_blur"] = BlurDown(cout)
    return nn.Sequential(layers)


def _decoder(ngf: int, make: _Make) -> nn.Sequential:
    """Return the layers from 4·ngf channels at a quarter of the size to 3 at full size."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, cin, cout in (("up1", 4 * ngf, 2 * ngf), ("up2", 2 * ngf, ngf)):
        if make.antialias:
            layers[f"{name}_blur"] = BlurUp()
            layers[name] = nn.Conv2d(cin, cout, 3, padding=1, bias=make.bias)
        elif make.keras:
            layers[name] = nn.ConvTranspose2d(cin, cout, 3, 2, bias=make.bias)
            layers[f"{name}_crop"] = same_cropping(3, 2)
        else:
            layers[name] = nn.ConvTranspose2d(
                cin, cout, 3, 2, padding=1, output_padding=1, bias=make.bias
            )
        layers[f"{name}_norm"] = make.norm_layer(cout)
        layers[f"{name}_relu"] = nn.ReLU(inplace=True)
    layers["pad"] = nn.ReflectionPad2d(3)
    layers["head"] = nn.Conv2d(ngf, 3, 7)
    layers["tanh"] = nn.Tanh()
    return nn.Sequential(layers)
