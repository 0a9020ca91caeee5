"""The generator of U-GAT-IT (Kim et al. 2020, arXiv 1907.10830)."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from nijigan.core.errors import ConfigError, ImageError
from nijigan.core.models.cam import Attention, ClassActivationMap
from nijigan.core.models.generator import Generator
from nijigan.core.models.recompute import Recompute
from nijigan.core.models.statistics import PictureStatistics
from nijigan.core.models.strength import per_picture
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode import Time

VERSIONS = ("full", "light")

_EPS = 1e-5


class Attended(NamedTuple):
    """A picture, and what the losses and a reader want to know of how it came about."""

    picture: Tensor
    """`(N, 3, H, W)` in [-1, 1]."""
    cam_logit: Tensor
    """`(N, 2)`: the guess at the domain, positive for the domain that is drawn from."""
    heatmap: Tensor
    """`(N, 1, H/4, W/4)`: where the network looked."""


class LayerInstanceNorm(nn.Module):
    """ρ·IN(h) + (1−ρ)·LN(h), the mixture ρ learned for each channel.

    The variances are the unbiased ones, unlike those of PyTorch's own norms.
    """

    def __init__(self, channels: int, rho: float) -> None:
        super().__init__()
        self.rho = nn.Parameter(torch.full((1, channels, 1, 1), rho))
        self.instance = PictureStatistics(unbiased=True)
        self.layer = PictureStatistics(over_channels=True, unbiased=True)

    def normalize(self, h: Tensor) -> Tensor:
        """Return `h`, `(N, C, H, W)`, normalized, without scale and shift."""
        mean, variance = self.instance(h)
        instance = (h - mean) / (variance + _EPS).sqrt()
        mean, variance = self.layer(h)
        layer = (h - mean) / (variance + _EPS).sqrt()
        mixed: Tensor = self.rho * instance + (1 - self.rho) * layer
        return mixed


class AdaLIN(LayerInstanceNorm):
    """Adaptive layer-instance norm: the scale and shift are given.

    ρ starts at 0.9, as in the published code.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, rho=0.9)

    def forward(self, h: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        """Return `h`, `(N, C, H, W)`, normalized, times `gamma` plus `beta`, both `(N, C)`."""
        return self.normalize(h) * gamma[:, :, None, None] + beta[:, :, None, None]


class LIN(LayerInstanceNorm):
    """Layer-instance norm with a learned scale and shift; ρ starts at 0."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, rho=0.0)
        self.gamma = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, h: Tensor) -> Tensor:
        """Return `h`, `(N, C, H, W)`, normalized."""
        return self.normalize(h) * self.gamma + self.beta


class ResidualBlock(nn.Module):
    """The block before the attention: two 3×3 convolutions with InstanceNorm, and the skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            *_conv(channels, channels, 3),
            nn.InstanceNorm2d(channels),
            nn.ReLU(inplace=True),
            *_conv(channels, channels, 3),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, h: Tensor, strength: Time) -> Tensor:
        """Return `h` and `strength` times the branch, `(N, C, H, W)`."""
        branch: Tensor = self.conv_block(h)
        return h + strength * branch


class AdaptiveBlock(nn.Module):
    """The block after the attention: two 3×3 convolutions with AdaLIN, and the skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pad = nn.ReflectionPad2d(1)
        self.conv1 = nn.Conv2d(channels, channels, 3, bias=False)
        self.norm1 = AdaLIN(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, bias=False)
        self.norm2 = AdaLIN(channels)

    def path(self) -> list[nn.Module]:
        """Return the layers of the branch in order of use."""
        return [self.pad, self.conv1, self.norm1, self.relu, self.pad, self.conv2, self.norm2]

    def forward(self, h: Tensor, gamma: Tensor, beta: Tensor, strength: Time) -> Tensor:
        """Return `h` and `strength` times the branch; `gamma` and `beta` are `(N, C)`."""
        inner = self.relu(self.norm1(self.conv1(self.pad(h)), gamma, beta))
        branch: Tensor = self.norm2(self.conv2(self.pad(inner)), gamma, beta)
        return h + strength * branch


class UGATIT(Generator):
    """Encoder, attention, AdaLIN blocks that a summary of the whole picture steers, decoder.

    7×7 convolution to `ngf` channels, two 3×3 ones of stride 2, residual blocks, class activation
    map; a multilayer perceptron turns its features into the γ and β of all AdaLIN blocks; then
    twice nearest-neighbor enlargement, a 3×3 convolution and LIN, and a 7×7 convolution to the
    picture. Every convolution reflects at the edges and, but for the attention's, has no bias.
    The weights start as PyTorch draws them, like those of the published code.

    At 256×256 `full` has 278,959,808 parameters, `light` 10,589,888: `full` gives the perceptron
    every value of the feature map, `light` the mean of each channel.

    Args:
        version: `full` or `light`.
        ngf: channels at full size; four times as many in the blocks.
        n_blocks: blocks before the attention, and as many after it.
        image_size: side of the one square size `full` draws, a multiple of 4 from 16 on;
            `light` draws any size and does not use it.

    Raises:
        ConfigError: an unknown version, or an image size that is no multiple of 4 or below 16.
    """

    input_multiple = 4

    def __init__(
        self, version: str = "full", ngf: int = 64, n_blocks: int = 4, image_size: int = 256
    ) -> None:
        super().__init__()
        if version not in VERSIONS:
            raise ConfigError(f"No version '{version}'.", did_you_mean(version, VERSIONS))
        if image_size % self.input_multiple or image_size < 16:
            raise ConfigError(f"image_size is {image_size}.", "Use a multiple of 4, at least 16.")
        self._config: dict[str, Any] = {
            "version": version,
            "ngf": ngf,
            "n_blocks": n_blocks,
            "image_size": image_size,
        }
        channels = 4 * ngf
        self.down = _encoder(ngf, n_blocks)
        self.cam = ClassActivationMap(channels, nn.ReLU(inplace=True))
        self.pool = PictureStatistics()
        values = channels * (image_size // 4) ** 2 if version == "full" else channels
        self.fc = nn.Sequential(
            nn.Linear(values, channels, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channels, channels, bias=False),
            nn.ReLU(inplace=True),
        )
        self.gamma = nn.Linear(channels, channels, bias=False)
        self.beta = nn.Linear(channels, channels, bias=False)
        self.adaptive = nn.ModuleList(AdaptiveBlock(channels) for _ in range(n_blocks))
        self.up = _decoder(ngf)
        self.recompute = Recompute()

    def forward(self, image: Tensor, strength: Time = 1.0) -> Tensor:
        """Return the picture drawn anew.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]. `light`: H and W multiples of `input_multiple`, at
                least 16. `full`: both equal to `fixed_size`.
            strength: factor of every residual branch, 0…1: a number, a scalar tensor, or `(N,)`,
                one per picture. It enters nowhere else.

        Returns:
            `(N, 3, H, W)` in [-1, 1].

        Raises:
            ImageError: `full` was given another size than its own.
        """
        return self.attend(image, strength).picture

    def attend(self, image: Tensor, strength: Time = 1.0) -> Attended:
        """Return the picture with the attention's logits and heatmap, which training needs.

        Raises:
            ImageError: `full` was given another size than its own.
        """
        self._check_size(image)
        strength = per_picture(strength)
        h = image
        for layer in self.down:
            residual = isinstance(layer, ResidualBlock)
            h = self.recompute(layer, h, strength) if residual else layer(h)
        attention: Attention = self.cam(h)
        h = attention.features
        summary = self.fc((self.pool(h)[0] if self.fixed_size is None else h).flatten(1))
        gamma, beta = self.gamma(summary), self.beta(summary)
        for block in self.adaptive:
            h = self.recompute(block, h, gamma, beta, strength)
        return Attended(self.up(h), attention.logit, attention.heatmap)

    def _check_size(self, image: Tensor) -> None:
        size = self.fixed_size
        height, width = image.shape[-2:]
        if size is not None and (height != size or width != size):
            raise ImageError(
                f"U-GAT-IT full draws {size}×{size} px only, and the image has {width}×{height}.",
                "Resize it, or use the light version.",
            )

    @torch.no_grad()
    def clip_rho(self) -> None:
        """Put every ρ back into [0, 1]; call it after each step of the generator's optimizer."""
        for layer in self.modules():
            if isinstance(layer, LayerInstanceNorm):
                layer.rho.clamp_(0, 1)

    def set_checkpointing(self, on: bool) -> None:
        """See `Generator.set_checkpointing`."""
        self.recompute = Recompute(on)

    @property
    def fixed_size(self) -> int | None:
        """The side in pixels of the only size this network draws, or None if it draws any."""
        return self._config["image_size"] if self._config["version"] == "full" else None

    def path(self) -> list[nn.Module]:
        """See `Generator.path`; the perceptron looks at the whole picture and is not on it."""
        blocks = [block for block in self.adaptive if isinstance(block, AdaptiveBlock)]
        adaptive = [layer for block in blocks for layer in block.path()]
        return [*self.down, self.cam.conv1x1, self.cam.activation, *adaptive, *self.up]

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)


def _encoder(ngf: int, n_blocks: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for cin, cout, kernel, stride in (
        (3, ngf, 7, 1),
        (ngf, 2 * ngf, 3, 2),
        (2 * ngf, 4 * ngf, 3, 2),
    ):
        layers += [
            *_conv(cin, cout, kernel, stride),
            nn.InstanceNorm2d(cout),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers, *(ResidualBlock(4 * ngf) for _ in range(n_blocks)))


def _decoder(ngf: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for cin, cout in ((4 * ngf, 2 * ngf), (2 * ngf, ngf)):
        layers += [
            nn.Upsample(scale_factor=2, mode="nearest"),
            *_conv(cin, cout, 3),
            LIN(cout),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers, *_conv(ngf, 3, 7), nn.Tanh())


def _conv(cin: int, cout: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    # The padding is a layer of its own so that layers have the indices of public checkpoints.
    return [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(cin, cout, kernel, stride, bias=False)]
