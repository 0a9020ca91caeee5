"""VQ-I2I: content as codewords, style as a vector (Chen et al., ECCV 2022, arXiv 2207.13286)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.adain_decoder import AdaINDecoder
from nijigan.core.models.content_encoder import ContentEncoder
from nijigan.core.models.style_encoder import StyleEncoder
from nijigan.core.models.vector_quantizer import Quantized, VectorQuantizer
from nijigan.core.models.vqi2i_fixed_style import FixedStyleVQI2I
from nijigan.core.nearest import did_you_mean

STYLE_MAPS = ("mlp", "linear")

_MLP_WIDTH = 256


class Translated(NamedTuple):
    """A picture, and what the losses want to know of how it came about."""

    picture: Tensor
    """`(N, 3, H, W)`, meant for [-1, 1] but not held to it: the network ends in a convolution."""
    vq_loss: Tensor
    """Scalar: the loss of the codebook."""
    style: Tensor
    """`(N, style_dim)`: the style that it was drawn in."""
    indices: Tensor
    """`(N, H / input_multiple, W / input_multiple)`, int64: the codewords of the content."""
    codewords: Tensor
    """`(N, embed_dim, …)`: these codewords; the gradient goes on to the content encoder."""


class VQI2I(nn.Module):
    """Translate between domains: the content of one picture in the style of another.

    All domains share the content encoder, the 1×1 convolutions around the codebook, and the
    codebook; each has a style encoder, a map from style to AdaIN values, and a decoder of its own.
    The weights start as PyTorch draws them, the codewords uniform in ±1/`n_embed`.

    The defaults are the published cross-domain form, registered as `vqi2i_cross`: 162,356,502
    parameters, of which content encoder 29,298,176, each decoder 61,328,259, each style encoder
    2,764,936, each style map (three linear layers) 2,173,440. Its code calls domain A label 1 and B
    label 0; these labels are the `domain` here.

    `vqi2i_adain` is the wider variant of the NijiGAN report (ITS, 2024), with content encoder
    101,217,024, decoder 224,879,747, style encoder 6,901,632, linear style map 2,113,536. The
    report prints the widths, the codebook's size, the style encoder, LinearAttention and dropout,
    but no total, and neither the decoder nor the attention. What is assumed: the attention has the
    four 1×1 convolutions of the ordinary one, the style becomes γ and β by one linear layer each,
    the decoder takes the doubled z, and there are two domains. That is 569,531,910 parameters in
    all; with one domain it is 335,636,995.

    Args:
        ch: channels at full size, a multiple of 32.
        ch_mult: factor of the channels at each level; each further level halves the size.
        n_res_blocks: residual blocks of each level.
        z_channels: channels between the codebook's 1×1 convolutions and encoder and decoder.
        double_z: twice as many, as a VAE would need for mean and variance; here it is just width.
        n_embed: number of codewords.
        embed_dim: channels of a codeword.
        style_dim: numbers of a style.
        style_hidden: channels of the style encoder at full size.
        style_down: how often the style encoder halves the size, at least 2.
        style_map: from style to AdaIN values: `mlp`, three linear layers with ReLU between, 256
            wide, or `linear`, one.
        n_adain: residual blocks with AdaIN in each decoder.
        attention: `full` or `linear`, at the smallest size.
        dropout: share of the values that are dropped in training, 0 ≤ dropout < 1.
        beta: weight of one of the codebook's two terms, 0 or more.
        legacy: which one; see `VectorQuantizer`.
        domains: number of domains; the published code has two.

    Raises:
        ConfigError: a value that is not allowed.
    """

    def __init__(
        self,
        ch: int = 128,
        ch_mult: Sequence[int] = (1, 1, 2, 2, 4),
        n_res_blocks: int = 2,
        z_channels: int = 256,
        double_z: bool = False,
        n_embed: int = 512,
        embed_dim: int = 512,
        style_dim: int = 8,
        style_hidden: int = 64,
        style_down: int = 4,
        style_map: str = "mlp",
        n_adain: int = 4,
        attention: str = "full",
        dropout: float = 0.0,
        beta: float = 0.25,
        legacy: bool = True,
        domains: int = 2,
    ) -> None:
        super().__init__()
        self._config: dict[str, Any] = {
            "ch": ch,
            "ch_mult": list(ch_mult),
            "n_res_blocks": n_res_blocks,
            "z_channels": z_channels,
            "double_z": double_z,
            "n_embed": n_embed,
            "embed_dim": embed_dim,
            "style_dim": style_dim,
            "style_hidden": style_hidden,
            "style_down": style_down,
            "style_map": style_map,
            "n_adain": n_adain,
            "attention": attention,
            "dropout": dropout,
            "beta": beta,
            "legacy": legacy,
            "domains": domains,
        }
        _check(ch_mult, style_map, dropout, beta)
        z = 2 * z_channels if double_z else z_channels
        self.content_encoder = ContentEncoder(ch, ch_mult, n_res_blocks, z, attention, dropout)
        self.input_multiple = self.content_encoder.input_multiple
        self.quant_conv = nn.Conv2d(z, embed_dim, 1)
        self.quantizer = VectorQuantizer(n_embed, embed_dim, beta, legacy)
        self.post_quant_conv = nn.Conv2d(embed_dim, z, 1)
        self.style_encoders = nn.ModuleList(
            StyleEncoder(style_hidden, style_dim, style_down) for _ in range(domains)
        )
        decoders = [
            AdaINDecoder(ch, ch_mult, n_res_blocks, z, n_adain, attention, dropout)
            for _ in range(domains)
        ]
        self.style_maps = nn.ModuleList(
            _style_map(style_map, style_dim, decoder.adain_values) for decoder in decoders
        )
        self.decoders = nn.ModuleList(decoders)

    def encode(self, image: Tensor) -> Quantized:
        """Return the content of pictures of any domain: codewords, loss of the codebook, indices.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`.

        Raises:
            ImageError: another size.
        """
        content: Quantized = self.quantizer(self.quant_conv(self.content_encoder(image)))
        return content

    def encode_style(self, image: Tensor, domain: int) -> Tensor:
        """Return the style of pictures of a domain, `(N, style_dim)`.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; any H and W from 16 px (2^`style_down`) on.
            domain: 0…`domains` − 1.

        Raises:
            ConfigError: no such domain.
            ImageError: a smaller picture.
        """
        style: Tensor = self.style_encoders[self._known(domain)](image)
        return style

    def decode(self, codewords: Tensor, style: Tensor, domain: int) -> Tensor:
        """Return the picture that a domain draws, `(N, 3, H, W)`, not held to [-1, 1].

        Args:
            codewords: the content, `(N, embed_dim, H / input_multiple, W / input_multiple)`.
            style: `(N, style_dim)`, or `(1, style_dim)` for all pictures alike.
            domain: 0…`domains` − 1.

        Raises:
            ConfigError: no such domain.
        """
        adain = self.style_maps[self._known(domain)](style)
        drawn: Tensor = self.decoders[domain](self.post_quant_conv(codewords), adain)
        return drawn

    def forward(self, image: Tensor, style: Tensor | None = None, domain: int = 0) -> Translated:
        """Return pictures drawn by the decoder of `domain`.

        Without a style it is the picture's own, as the style encoder of `domain` sees it: the
        reconstruction of a picture of that domain.

        Args:
            image: `(N, 3, H, W)` in [-1, 1], of any domain; H and W multiples of `input_multiple`.
            style: style vectors `(N, style_dim)` or style pictures of `domain`, `(N, 3, H′, W′)` in
                [-1, 1]; one alone is the style of all pictures.
            domain: of the pictures that come out, 0…`domains` − 1.

        Raises:
            ConfigError: no such domain.
            ImageError: a picture of another size, or a style picture that is too small.
        """
        vector = self._vector(image if style is None else style, domain)
        content = self.encode(image)
        drawn = self.decode(content.codewords, vector, domain)
        vectors = vector.expand(image.shape[0], -1)
        return Translated(drawn, content.loss, vectors, content.indices, content.codewords)

    def cross(self, image: Tensor, style: Tensor, domain: int) -> Translated:
        """Return pictures of `domain`, drawn by the decoder of the other one of two domains.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`.
            style: of the other domain; see `forward`.
            domain: of the pictures that go in, 0 or 1.

        Raises:
            ConfigError: no such domain, or there are not two.
            ImageError: see `forward`.
        """
        if len(self.decoders) != 2:
            raise ConfigError(
                f"There is no other domain among {len(self.decoders)}.",
                "Call the network with the domain that shall come out.",
            )
        return self.forward(image, style, 1 - self._known(domain))

    def with_style(self, style: Tensor, domain: int = 0) -> FixedStyleVQI2I:
        """Return a plain generator that draws every picture in one style of `domain`.

        It uses the layers of this network, not copies of them.

        Args:
            style: a style vector `(1, style_dim)` or a style picture `(1, 3, H, W)` in [-1, 1].
            domain: of the pictures that come out, 0…`domains` − 1.

        Raises:
            ConfigError: no such domain, or more than one style.
            ImageError: a style picture that is too small.
        """
        vector = self._vector(style, domain)
        if vector.shape[0] != 1:
            raise ConfigError(f"{vector.shape[0]} styles for one generator.", "Give one.")
        return FixedStyleVQI2I(self, vector, self._known(domain))

    def _vector(self, style: Tensor, domain: int) -> Tensor:
        return style if style.dim() == 2 else self.encode_style(style, domain)

    def _known(self, domain: int) -> int:
        if not 0 <= domain < len(self.decoders):
            raise ConfigError(f"No domain {domain}.", f"Use 0 to {len(self.decoders) - 1}.")
        return domain

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)


def _check(ch_mult: Sequence[int], style_map: str, dropout: float, beta: float) -> None:
    if not ch_mult:
        raise ConfigError("ch_mult is empty.", "Give one factor for each level.")
    if style_map not in STYLE_MAPS:
        raise ConfigError(f"No style map '{style_map}'.", did_you_mean(style_map, STYLE_MAPS))
    if not 0 <= dropout < 1:
        raise ConfigError(f"dropout is {dropout}.", "Use 0 or more, less than 1.")
    if not beta >= 0:
        raise ConfigError(f"beta is {beta}.", "Use 0 or more; the paper has 0.25.")


def _style_map(kind: str, style_dim: int, values: int) -> nn.Module:
    """Return what makes the AdaIN values `(N, values)` of a style, `(N, style_dim)`."""
    if kind == "linear":
        return nn.Linear(style_dim, values)
    return nn.Sequential(
        nn.Linear(style_dim, _MLP_WIDTH),
        nn.ReLU(),
        nn.Linear(_MLP_WIDTH, _MLP_WIDTH),
        nn.ReLU(),
        nn.Linear(_MLP_WIDTH, values),
    )
