"""Arbitrary stylization: any picture in the style of any other (Ghiasi et al. 2017).

arXiv 1705.06830, with the layers of Magenta's implementation.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.generator import Generator
from nijigan.core.models.inception_v3 import InceptionV3
from nijigan.core.models.layers import init_he
from nijigan.core.models.shift_norm import ShiftNorm2d
from nijigan.core.models.statistics import PictureStatistics
from nijigan.core.models.strength import per_picture
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode import Time

PREDICTORS = ("inception_v3", "small")

_EPS = 1e-5
_MIRRORED = 14
"""Pixels that make 43, the least that Inception takes, of 16, the least that nijigan draws."""


class ConditionalInstanceNorm(nn.Module):
    """InstanceNorm whose scale γ and shift β are linear in a style vector: equation 2."""

    def __init__(self, channels: int, style_dim: int) -> None:
        super().__init__()
        self.statistics = PictureStatistics()
        self.to_beta = nn.Conv2d(style_dim, channels, 1)
        self.to_gamma = nn.Conv2d(style_dim, channels, 1)
        nn.init.zeros_(self.to_beta.bias)  # type: ignore[arg-type]
        nn.init.ones_(self.to_gamma.bias)  # type: ignore[arg-type]

    def forward(self, h: Tensor, style: Tensor) -> Tensor:
        """Return `h`, `(N, C, H, W)`, normalized; `style` is `(N, style_dim, 1, 1)`."""
        mean, variance = self.statistics(h)
        # The small tensors are divided, so that the large one is multiplied once.
        scale = self.to_gamma(style) / (variance + _EPS).sqrt()
        normalized: Tensor = (h - mean) * scale + self.to_beta(style)
        return normalized


class StyledConv(nn.Module):
    """Convolution that reflects at the edges, then conditional InstanceNorm."""

    def __init__(self, cin: int, cout: int, kernel: int, style_dim: int) -> None:
        super().__init__()
        self.conv = _reflecting(cin, cout, kernel)
        self.norm = ConditionalInstanceNorm(cout, style_dim)

    def forward(self, h: Tensor, style: Tensor) -> Tensor:
        """Return `(N, C, H, W)`; `style` is `(N, style_dim, 1, 1)`."""
        out: Tensor = self.norm(self.conv(h), style)
        return out


class ResidualBlock(nn.Module):
    """h + f(h), f two styled 3×3 convolutions with a ReLU between them."""

    def __init__(self, channels: int, style_dim: int) -> None:
        super().__init__()
        self.styled1 = StyledConv(channels, channels, 3, style_dim)
        self.styled2 = StyledConv(channels, channels, 3, style_dim)

    def forward(self, h: Tensor, style: Tensor) -> Tensor:
        """Return `(N, C, H, W)`; `style` is `(N, style_dim, 1, 1)`."""
        inner = torch.relu(self.styled1(h, style))
        residual: Tensor = self.styled2(inner, style)
        return h + residual


class Transformer(nn.Module):
    """The network that draws: content picture and style vector to picture.

    With C = `ngf`: 9×9 convolution to C at full size, 3×3 of stride 2 to 2C and to 4C, each with
    BatchNorm without scale; the blocks; twice nearest-neighbor enlargement and 3×3, to 2C and C;
    9×9 to 3, each with conditional InstanceNorm. ReLU follows all norms but the blocks' second and
    the last, where a sigmoid draws.
    """

    def __init__(self, ngf: int, n_blocks: int, style_dim: int) -> None:
        super().__init__()
        self.contract = nn.Sequential(
            _contract(3, ngf, 9, 1),
            _contract(ngf, 2 * ngf, 3, 2),
            _contract(2 * ngf, 4 * ngf, 3, 2),
        )
        self.blocks = nn.ModuleList(ResidualBlock(4 * ngf, style_dim) for _ in range(n_blocks))
        self.enlarge = nn.Upsample(scale_factor=2, mode="nearest")
        self.expand1 = StyledConv(4 * ngf, 2 * ngf, 3, style_dim)
        self.expand2 = StyledConv(2 * ngf, ngf, 3, style_dim)
        self.head = StyledConv(ngf, 3, 9, style_dim)
        self.tanh = nn.Tanh()

    def forward(self, content: Tensor, style: Tensor) -> Tensor:
        """Return `(N, 3, H, W)` in [-1, 1]; `style` is `(N, style_dim, 1, 1)`."""
        h: Tensor = self.contract(content)
        for block in self.blocks:
            h = block(h, style)
        h = torch.relu(self.expand1(self.enlarge(h), style))
        h = torch.relu(self.expand2(self.enlarge(h), style))
        # tanh(h/2) = 2 sigmoid(h) - 1: the published sigmoid, in [-1, 1].
        drawn: Tensor = self.tanh(self.head(h, style) * 0.5)
        return drawn

    def path(self) -> Iterator[nn.Module]:
        """Yield the layers in order of use, those that make γ and β of a style left out."""
        yield from self.contract
        for block in self.blocks:
            for styled in block.children():
                yield styled.get_submodule("conv")
        yield from (self.enlarge, self.expand1.conv)
        yield from (self.enlarge, self.expand2.conv)
        yield from (self.head.conv, self.tanh)


class StylePredictor(nn.Module):
    """The network that looks: picture to style vector.

    Features, their mean over the picture, a linear map to `style_dim` numbers.

    `inception_v3` mirrors the picture by 14 pixels at its edges first. The published network does
    not, but takes no picture under 43 px. `small` is four 3×3 convolutions of stride 2, to `width`
    and then twice as many channels each, with ReLU and no norm, which would hide the contrast.
    """

    def __init__(self, kind: str, width: int, style_dim: int) -> None:
        super().__init__()
        self.trunk, channels = _inception(width) if kind == "inception_v3" else _small(width)
        self.pool = PictureStatistics()
        self.bottleneck = nn.Conv2d(channels, style_dim, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return `(N, style_dim, 1, 1)` of `(N, 3, H, W)` in [-1, 1]."""
        vector: Tensor = self.bottleneck(self.pool(self.trunk(image))[0])
        return vector


class ArbitraryStylizer(nn.Module):
    """Draws a content picture in the style of another picture, which it need not have seen.

    A predictor looks at the style picture and says it in 100 numbers, the style vector; two linear
    maps for each of the transformer's 13 norms turn these into the 2,758 scales and shifts with
    which the transformer draws the content.

    The published network has 10,986,562 parameters: the convolutions and BatchNorm shifts of the
    transformer 1,674,656; Inception 8,956,448, the map to the style vector 76,900 and the maps to
    scales and shifts 278,558.

    Args:
        ngf: the transformer's channels at full size; four times as many in the blocks.
        n_blocks: its residual blocks.
        style_dim: numbers in a style vector.
        predictor: `inception_v3` (published) or `small`, which a CPU can train from nothing.
        predictor_width: channels of the predictor's first convolution; 32 is published.

    Raises:
        ConfigError: an unknown predictor.
    """

    input_multiple = 4
    """H and W of a content picture must be multiples of this many pixels."""

    def __init__(
        self,
        ngf: int = 32,
        n_blocks: int = 5,
        style_dim: int = 100,
        predictor: str = "inception_v3",
        predictor_width: int = 32,
    ) -> None:
        super().__init__()
        if predictor not in PREDICTORS:
            raise ConfigError(f"No predictor '{predictor}'.", did_you_mean(predictor, PREDICTORS))
        self._config: dict[str, Any] = {
            "ngf": ngf,
            "n_blocks": n_blocks,
            "style_dim": style_dim,
            "predictor": predictor,
            "predictor_width": predictor_width,
        }
        self.predictor = StylePredictor(predictor, predictor_width, style_dim)
        self.transformer = Transformer(ngf, n_blocks, style_dim)

    @property
    def style_dim(self) -> int:
        """Numbers in a style vector."""
        dim: int = self._config["style_dim"]
        return dim

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)

    def style_vector(self, image: Tensor) -> Tensor:
        """Return the style of pictures, `(N, style_dim)`.

        Args:
            image: `(N, 3, H, W)` in [-1, 1], sides of at least 16 px, not necessarily multiples of
                anything.
        """
        vector: Tensor = self.predictor(image)
        return vector.flatten(1)

    def forward(self, content: Tensor, style_vector: Tensor, strength: Time = 1.0) -> Tensor:
        """Return the content drawn in a style, `(N, 3, H, W)` in [-1, 1].

        Args:
            content: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`, at least 16.
            style_vector: `(N, style_dim)`, or `(1, style_dim)`, one style for all.
            strength: 0…1: a number, a scalar tensor, or `(N,)`, one per picture. The style vector
                is mixed with that of the content itself (section 3.5); so at 0 the content is drawn
                in its own style, which is near to it and not the same.
        """
        style = style_vector[:, :, None, None]
        if not (isinstance(strength, float) and strength == 1):
            style = self.mixed(content, style, strength)
        drawn: Tensor = self.transformer(content, style)
        return drawn

    def mixed(self, content: Tensor, style: Tensor, strength: Time) -> Tensor:
        """Return (1 - strength) · the content's own style + strength · `style`.

        Styles are `(N, style_dim, 1, 1)`; both ends are exact.
        """
        share = per_picture(strength)
        own: Tensor = self.predictor(content)
        return (1 - share) * own + share * style

    def with_style(self, image: Tensor) -> "FixedStyle":
        """Return the network with the style of a picture for good.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; of several pictures, the mean of their styles.
        """
        with torch.no_grad():
            vector = self.style_vector(image).mean(0, keepdim=True)
        return FixedStyle(self, vector)


class FixedStyle(Generator):
    """An `ArbitraryStylizer` that draws in one style: picture to picture, as any generator.

    Args:
        network: shared, not copied; put it into evaluation mode.
        style_vector: `(1, style_dim)`.

    Raises:
        ConfigError: a vector of another shape.
    """

    input_multiple = ArbitraryStylizer.input_multiple
    style: Tensor

    def __init__(self, network: ArbitraryStylizer, style_vector: Tensor) -> None:
        super().__init__()
        if style_vector.shape != (1, network.style_dim):
            raise ConfigError(
                f"The style vector has the shape {list(style_vector.shape)}.",
                f"It must be [1, {network.style_dim}].",
            )
        self.network = network
        self.register_buffer("style", style_vector.detach()[:, :, None, None].clone())

    def forward(self, image: Tensor, strength: Time = 1.0) -> Tensor:
        """See `Generator.forward` and, for what strength does, `ArbitraryStylizer.forward`."""
        # At strength 1 too, so that the network looks at the whole picture equally often at any.
        style = self.network.mixed(image, self.style, strength)
        drawn: Tensor = self.network.transformer(image, style)
        return drawn

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build the network within again; the style is a buffer."""
        return self.network.config

    def path(self) -> list[nn.Module]:
        """See `Generator.path`; the predictor looks at the whole picture and is not on it."""
        return list(self.network.transformer.path())


def _reflecting(cin: int, cout: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    padding = kernel // 2
    conv = nn.Conv2d(cin, cout, kernel, stride, padding, bias=False, padding_mode="reflect")
    nn.init.normal_(conv.weight, std=0.01)
    return conv


def _contract(cin: int, cout: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv=_reflecting(cin, cout, kernel, stride),
            norm=ShiftNorm2d(cout),
            relu=nn.ReLU(inplace=True),
        )
    )


def _inception(width: int) -> tuple[nn.Module, int]:
    inception = InceptionV3(width)
    layers = OrderedDict(mirror=nn.ReflectionPad2d(_MIRRORED), inception=inception)
    return nn.Sequential(layers), inception.channels


def _small(width: int) -> tuple[nn.Module, int]:
    layers: list[nn.Module] = []
    cin = 3
    for level in range(4):
        cout = width * 2**level
        layers += [
            nn.Conv2d(cin, cout, 3, stride=2, padding=1, padding_mode="reflect"),
            nn.ReLU(inplace=True),
        ]
        cin = cout
    trunk = nn.Sequential(*layers)
    init_he(trunk)
    return trunk, cin
