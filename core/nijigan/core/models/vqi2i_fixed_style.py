"""A VQ-I2I network with one style built in: a plain generator from picture to picture."""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from nijigan.core.models.generator import Generator
from nijigan.core.ode import Time

if TYPE_CHECKING:
    from nijigan.core.models.vqi2i import VQI2I


class FixedStyleVQI2I(Generator):
    """Draw every picture in the style of one domain; `VQI2I.with_style` makes it.

    The layers are those of the network that it was made of, without those that other domains or
    styles need. What the style map made of the style is kept as numbers: train the map further, and
    the old style stays.

    Args:
        network: the whole.
        style: `(1, style_dim)`.
        domain: of the pictures that come out, 0…`domains` − 1.
    """

    has_strength = False

    adain: Tensor

    def __init__(self, network: "VQI2I", style: Tensor, domain: int) -> None:
        super().__init__()
        self._config = {**network.config, "domain": domain}
        self.input_multiple = network.input_multiple
        self.content_encoder = network.content_encoder
        self.quant_conv = network.quant_conv
        self.quantizer = network.quantizer
        self.post_quant_conv = network.post_quant_conv
        self.decoder = network.decoders[domain]
        with torch.no_grad():
            self.register_buffer("adain", network.style_maps[domain](style))

    def forward(self, image: Tensor, _strength: Time = 1.0) -> Tensor:
        """Return the picture drawn anew.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`, at least 16.

        Returns:
            `(N, 3, H, W)`, meant for [-1, 1] but not held to it.

        Raises:
            ImageError: a side that is no multiple of `input_multiple`.
        """
        quantized = self.quantizer(self.quant_conv(self.content_encoder(image)))
        drawn: Tensor = self.decoder(self.post_quant_conv(quantized.codewords), self.adain)
        return drawn

    def path(self) -> list[nn.Module]:
        """Raise ValueError: at its smallest size the network looks at everything."""
        raise ValueError("Attention looks at the whole picture, so there is no radius.")

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build the whole network again, and the `domain`; not the style."""
        return dict(self._config)
