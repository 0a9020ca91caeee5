"""Layers that several networks share: normalization, anti-aliased scaling, initialization."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean

NORMS = ("batch", "group", "instance", "none")

GROUPS = 32
"""Groups of a GroupNorm; with as many channels or fewer, every channel is a group of its own."""


def norm_layer(kind: str, channels: int) -> nn.Module:
    """Return a normalization of `(N, C, H, W)`.

    Args:
        kind: `batch` (affine), `group` (affine, of `GROUPS` groups at most, Wu and He 2018),
            `instance` (not affine, as in CUT) or `none`.
        channels: C.

    Raises:
        ConfigError: another kind, or channels that do not make groups of one size.
    """
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "instance":
        return nn.InstanceNorm2d(channels)
    if kind == "group":
        groups = min(GROUPS, channels)
        if channels % groups:
            raise ConfigError(
                f"GroupNorm of {groups} groups over {channels} channels.",
                f"Take a multiple of {groups} channels.",
            )
        return nn.GroupNorm(groups, channels)
    if kind == "none":
        return nn.Identity()
    raise ConfigError(f"No normalization '{kind}'.", did_you_mean(kind, NORMS))


def has_bias(norm: str) -> bool:
    """Whether a convolution has a bias where `norm` follows it.

    Not where the norm learns a shift. BatchNorm takes the bias of a channel away again; GroupNorm
    takes the mean of a group's biases away, and for what they differ by it has the shift.
    """
    return norm not in ("batch", "group")


def conv3(cin: int, cout: int, norm: str, *, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    """Return a 3×3 convolution that reflects at the edges; see `has_bias`."""
    return nn.Conv2d(
        cin,
        cout,
        3,
        stride,
        padding=dilation,
        dilation=dilation,
        bias=has_bias(norm),
        padding_mode="reflect",
    )


EDGES = ("reflect", "zeros")


def pad_as(module: nn.Module, edges: str) -> None:
    """Let all convolutions of a module take what lies beyond the edges as `edges` says.

    Raises:
        ConfigError: it is none of `EDGES`.
    """
    if edges not in EDGES:
        raise ConfigError(f"No edges '{edges}'.", did_you_mean(edges, EDGES))
    if edges == "zeros":
        for layer in module.modules():
            if isinstance(layer, nn.Conv2d):
                layer.padding_mode = "zeros"


class BlurDown(nn.Module):
    """Halve the size: a [1,2,1]⊗[1,2,1]/16 blur, then every second pixel (Zhang 2019).

    `(N, C, H, W)` with even H and W to `(N, C, H/2, W/2)`.
    """

    filter: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        # No checkpoint has this constant, so it needs its values even in a network built on "meta".
        row = torch.tensor([1.0, 2.0, 1.0], device="cpu") / 4
        kernel = (row[:, None] * row).expand(channels, 1, 3, 3).contiguous()
        self.register_buffer("filter", kernel, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the smaller picture."""
        padded = functional.pad(x, (1, 1, 1, 1), mode="reflect")
        return functional.conv2d(padded, self.filter, stride=2, groups=self.filter.shape[0])


class BlurUp(nn.Module):
    """Double the size, anti-aliased: `(N, C, H, W)` to `(N, C, 2H, 2W)`.

    Bilinear interpolation is the same map as CUT's transposed convolution with
    [1,3,3,1]⊗[1,3,3,1]/64·4 over repeated edges, and every engine has it as one operator.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the larger picture."""
        return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class Enlarge(nn.Module):
    """Bilinear enlargement to twice the size, or to that of a larger tensor, corner on corner."""

    def __init__(self, aligned: bool) -> None:
        super().__init__()
        self.aligned = aligned

    def forward(self, h: Tensor, like: Tensor) -> Tensor:
        """Return `h` at the size of `like`, the larger tensor that the encoder had."""
        if self.aligned:
            size = like.shape[-2:]
            return functional.interpolate(h, size, mode="bilinear", align_corners=True)
        return functional.interpolate(h, scale_factor=2.0, mode="bilinear", align_corners=False)


def init_published(module: nn.Module) -> None:
    """Initialize every convolution as CUT does: Xavier normal with gain 0.02, bias zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.xavier_normal_(layer.weight, gain=0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def init_he(module: nn.Module) -> None:
    """Initialize every convolution for ReLU (He et al. 2015), bias zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def init_before_shuffle(conv: nn.Conv2d) -> None:
    """Give the four channels that become one 2×2 square equal weights (Aitken et al. 2017).

    Pixel shuffling then starts as nearest-neighbor enlargement, without a checkerboard.
    """
    with torch.no_grad():
        conv.weight.copy_(conv.weight[::4].repeat_interleave(4, dim=0))


def count_parameters(module: nn.Module) -> int:
    """Return the number of learned values."""
    return sum(parameter.numel() for parameter in module.parameters())
