"""The layers of VQGAN's encoder and decoder (Esser et al. 2021, arXiv 2012.09841)."""

from torch import Tensor, nn
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.models.attention import ATTENTIONS
from nijigan.core.nearest import did_you_mean

_GROUPS = 32


def group_norm(channels: int) -> nn.GroupNorm:
    """Return a GroupNorm of 32 groups with ε = 1e-6; below 128 channels, of 4 channels each.

    A group of one channel would take away how bright it is in the picture, and so the colors.

    Raises:
        ConfigError: the channels cannot be split into 32 groups.
    """
    if channels % _GROUPS:
        raise ConfigError(
            f"A feature map of {channels} channels.",
            f"Use a width that is a multiple of {_GROUPS}.",
        )
    return nn.GroupNorm(min(_GROUPS, channels // 4), channels, eps=1e-6)


class ResNetBlock(nn.Module):
    """Twice GroupNorm, swish and 3×3 convolution, and the skip.

    Dropout comes before the second convolution; where the channels change, the skip is a 1×1
    convolution.

    Args:
        cin: channels of the input, a multiple of 32.
        cout: channels of the output, a multiple of 32.
        dropout: share of the values that are dropped in training.

    Raises:
        ConfigError: another number of channels.
    """

    def __init__(self, cin: int, cout: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = group_norm(cin)
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1)
        self.norm2 = group_norm(cout)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1)
        self.shortcut = nn.Identity() if cin == cout else nn.Conv2d(cin, cout, 1)

    def forward(self, h: Tensor) -> Tensor:
        """Return `(N, cout, H, W)` from `(N, cin, H, W)`."""
        inner = self.conv1(functional.silu(self.norm1(h)))
        inner = self.conv2(self.dropout(functional.silu(self.norm2(inner))))
        drawn: Tensor = self.shortcut(h) + inner
        return drawn


class AttentionBlock(nn.Module):
    """h + projection(attention(q, k, v)), where q, k, v are 1×1 convolutions of GroupNorm(h).

    Both kinds of attention have the same parameters.

    Args:
        channels: of the feature map, a multiple of 32.
        kind: `full` or `linear`.

    Raises:
        ConfigError: another kind, or another number of channels.
    """

    def __init__(self, channels: int, kind: str) -> None:
        super().__init__()
        if kind not in ATTENTIONS:
            raise ConfigError(f"No attention '{kind}'.", did_you_mean(kind, ATTENTIONS))
        self.norm = group_norm(channels)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.attention = ATTENTIONS[kind]()
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, h: Tensor) -> Tensor:
        """Return the same shape, `(N, C, H, W)`."""
        normed = self.norm(h)
        mixed = self.attention(self.q(normed), self.k(normed), self.v(normed))
        drawn: Tensor = h + self.proj_out(mixed)
        return drawn


def level(
    cin: int, cout: int, n_blocks: int, dropout: float, attention: str | None
) -> list[nn.Module]:
    """Return the residual blocks at one size, each followed by attention where a kind is named."""
    layers: list[nn.Module] = []
    for block in range(n_blocks):
        layers.append(ResNetBlock(cout if block else cin, cout, dropout))
        if attention is not None:
            layers.append(AttentionBlock(cout, attention))
    return layers


def middle(channels: int, dropout: float, attention: str) -> list[nn.Module]:
    """Return what is between the way down and the way up: block, attention, block."""
    return [
        ResNetBlock(channels, channels, dropout),
        AttentionBlock(channels, attention),
        ResNetBlock(channels, channels, dropout),
    ]


def halve(channels: int) -> list[nn.Module]:
    """Return a 3×3 convolution of stride 2 to half the size; zeros at the right and bottom only."""
    return [nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(channels, channels, 3, stride=2)]


def double(channels: int) -> list[nn.Module]:
    """Return a nearest-neighbor enlargement to twice the size and a 3×3 convolution."""
    return [
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(channels, channels, 3, padding=1),
    ]


def to_output(cin: int, cout: int) -> list[nn.Module]:
    """Return the last layers: GroupNorm, swish and a 3×3 convolution."""
    return [group_norm(cin), nn.SiLU(), nn.Conv2d(cin, cout, 3, padding=1)]
