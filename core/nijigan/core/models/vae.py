"""The residual variational autoencoder: a picture to a few numbers and back."""

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.errors import ConfigError, ImageError
from nijigan.core.nearest import did_you_mean

_OUTPUTS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
_HALVINGS = 5


class ResidualBlock(nn.Module):
    """ReLU(x + convolution(ReLU(convolution(x)))): 3×3, padded with zeros, with bias, no norm."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Return the same shape, `(N, C, H, W)`."""
        branch: Tensor = self.conv2(self.relu(self.conv1(x)))
        h: Tensor = self.relu(x + branch)
        return h


class ResidualVAE(nn.Module):
    """Encoder to the mean and log variance of a Gaussian, decoder from a draw of it.

    After Kingma and Welling 2013, with residual blocks. Five times, 4×4 convolution of stride 2,
    ReLU and residual block: 3 to 32, 64, 128, 256, 512 channels, 128×128 to 4×4; two linear layers
    from these 8192 numbers to the latent ones. The decoder is the mirror: linear, four times
    transposed 4×4 convolution, ReLU and residual block, one transposed convolution to the picture.
    16,584,259 parameters with 128 latent numbers, 19,730,243 with 256, 26,022,211 with 512.

    Args:
        latent: numbers that a picture becomes.
        width: channels after the first convolution; each further one doubles them.
        image_size: side of the square pictures in pixels, a multiple of 32; the linear layers fix
            it.
        output: `tanh` draws in [-1, 1], the range of the input; `sigmoid` draws in [0, 1] as the
            source has it, which cannot meet an input in [-1, 1]: compare with `(image + 1) / 2`.

    Raises:
        ConfigError: a size that is not a multiple of 32, or an unknown output.
    """

    def __init__(
        self, latent: int = 128, width: int = 32, image_size: int = 128, output: str = "tanh"
    ) -> None:
        super().__init__()
        if image_size % 2**_HALVINGS:
            raise ConfigError(f"image_size is {image_size}.", "Use a multiple of 32.")
        if output not in _OUTPUTS:
            raise ConfigError(f"No output '{output}'.", did_you_mean(output, _OUTPUTS))
        self._config: dict[str, Any] = {
            "latent": latent,
            "width": width,
            "image_size": image_size,
            "output": output,
        }
        channels = [width * 2**level for level in range(_HALVINGS)]
        side = image_size // 2**_HALVINGS
        flat = channels[-1] * side * side
        self.encoder = nn.Sequential(
            *(_halve(*pair) for pair in pairwise([3, *channels])), nn.Flatten()
        )
        self.to_mu = nn.Linear(flat, latent)
        self.to_logvar = nn.Linear(flat, latent)
        channels.reverse()
        self.from_latent = nn.Linear(latent, flat)
        self.decoder = nn.Sequential(
            nn.Unflatten(1, (channels[0], side, side)),
            *(_double(*pair) for pair in pairwise(channels)),
            nn.ConvTranspose2d(width, 3, 4, stride=2, padding=1),
            _OUTPUTS[output](),
        )

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance, each `(N, latent)`.

        Args:
            image: `(N, 3, image_size, image_size)` in [-1, 1].

        Raises:
            ImageError: another size.
        """
        size = self.fixed_size
        height, width = image.shape[-2:]
        if height != size or width != size:
            raise ImageError(
                f"This VAE takes {size}×{size} px only, and the image has {width}×{height}.",
                "Resize it.",
            )
        h = self.encoder(image)
        return self.to_mu(h), self.to_logvar(h)

    def reparameterize(self, mu: Tensor, logvar: Tensor, noise: Tensor) -> Tensor:
        """Return a draw of the Gaussian, `(N, latent)`, through which gradients reach both.

        z = μ + ε · exp(½ log σ²) (Kingma and Welling 2013, section 2.4).

        Args:
            mu, logvar: as `encode` returns them.
            noise: ε, standard normal, `(N, latent)`.
        """
        return mu + noise * torch.exp(0.5 * logvar)

    def decode(self, z: Tensor) -> Tensor:
        """Return the picture of `z`, `(N, latent)`.

        It is `(N, 3, image_size, image_size)`, in [-1, 1] or, with `sigmoid`, in [0, 1].
        """
        drawn: Tensor = self.decoder(self.from_latent(z))
        return drawn

    def forward(self, image: Tensor, noise: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Return the reconstruction, and mean and log variance for the loss.

        Args:
            image: `(N, 3, image_size, image_size)` in [-1, 1].
            noise: for training, standard normal, `(N, latent)`: the reconstruction is of this draw;
                without, it is of the mean.

        Raises:
            ImageError: another size.
        """
        mu, logvar = self.encode(image)
        z = mu if noise is None else self.reparameterize(mu, logvar, noise)
        return self.decode(z), mu, logvar

    def draw(self, z: Tensor) -> Tensor:
        """Return the picture of `z` as `decode` does, but in [-1, 1] whatever the output."""
        drawn = self.decode(z)
        return 2 * drawn - 1 if self._config["output"] == "sigmoid" else drawn

    @property
    def fixed_size(self) -> int:
        """The side in pixels of the only size this network takes."""
        size: int = self._config["image_size"]
        return size

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)


def _halve(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(cin, cout, 4, stride=2, padding=1), nn.ReLU(), ResidualBlock(cout)
    )


def _double(cin: int, cout: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(cin, cout, 4, stride=2, padding=1), nn.ReLU(), ResidualBlock(cout)
    )
