"""Norms over the whole picture, written out, so that their statistics can be handed in."""

from torch import Tensor, nn

from nijigan.core.models.statistics import PictureStatistics


class ExplicitNorm(nn.Module):
    """InstanceNorm or GroupNorm as arithmetic around `PictureStatistics`.

    Args:
        groups: groups of channels that share their statistics; as many as channels: InstanceNorm.
        channels: of the feature map.
        eps: added to the variance.
        weight, bias: scale and shift `(C,)`, or None.
    """

    weight: Tensor | None
    bias: Tensor | None

    def __init__(
        self, groups: int, channels: int, eps: float, weight: Tensor | None, bias: Tensor | None
    ) -> None:
        super().__init__()
        self.regroups = groups not in (1, channels)
        self.groups = groups
        self.eps = eps
        self.statistics = PictureStatistics(over_channels=groups == 1)
        self.register_buffer("weight", None if weight is None else weight.view(1, -1, 1, 1))
        self.register_buffer("bias", None if bias is None else bias.view(1, -1, 1, 1))

    def forward(self, h: Tensor) -> Tensor:
        """Return `(N, C, H, W)` normalized, scaled and shifted."""
        batch, channels, height, width = h.shape
        together = (batch, self.groups, channels // self.groups * height, width)
        grouped = h.reshape(together) if self.regroups else h
        mean, variance = self.statistics(grouped)
        # The small tensor is inverted, so that the large one is multiplied and not divided.
        y: Tensor = (grouped - mean) * (1 / (variance + self.eps).sqrt())
        if self.regroups:
            y = y.view_as(h)
        if self.weight is not None:
            y = y * self.weight
        return y if self.bias is None else y + self.bias


def explicit_norms(network: nn.Module) -> None:
    """Replace every InstanceNorm and GroupNorm within `network` by an `ExplicitNorm`."""
    for parent in list(network.modules()):
        for name, norm in list(parent.named_children()):
            if isinstance(norm, nn.InstanceNorm2d):
                channels = norm.num_features
                explicit = ExplicitNorm(channels, channels, norm.eps, norm.weight, norm.bias)
            elif isinstance(norm, nn.GroupNorm):
                groups, channels = norm.num_groups, norm.num_channels
                explicit = ExplicitNorm(groups, channels, norm.eps, norm.weight, norm.bias)
            else:
                continue
            setattr(parent, name, explicit)
