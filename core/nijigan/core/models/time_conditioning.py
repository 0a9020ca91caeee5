"""How the f of an ODE may know the time: as a channel of its input, or as a scale and a shift.

Times are numbers, scalar tensors, or `(N, 1, 1, 1)`, one per picture; nothing here depends on their
values, so all of it traces.
"""

import torch
from torch import Tensor, nn

from nijigan.core.models.layers import conv3, has_bias
from nijigan.core.ode import Time

TIMES = ("concat", "film", "none")


class TimeConv2d(nn.Conv2d):
    """A 3×3 convolution that reflects at the edges, with the time as its first input channel.

    That channel is constant over the picture and beyond its edges, so a window of it gives the
    time, multiplied by the sum of its nine weights. It is computed so: the channel is never made.
    A norm that takes each channel's mean away takes this away too.

    Args:
        cin: channels of the picture; the weight has one more.
        cout: channels of the output.
        norm: the norm that follows, see `has_bias`.
        dilation: of the window.
    """

    def __init__(self, cin: int, cout: int, norm: str, *, dilation: int = 1) -> None:
        super().__init__(
            cin + 1,
            cout,
            3,
            padding=dilation,
            dilation=dilation,
            bias=has_bias(norm),
            padding_mode="reflect",
        )

    def forward(self, input: Tensor, t: Time = 0.0) -> Tensor:
        """Return the convolution of `(N, C, H, W)` and the time, `(N, C', H, W)`."""
        convolved: Tensor = self._conv_forward(input, self.weight[:, 1:], self.bias)
        return convolved + t * _sum_of_windows(self.weight[:, 0])


class SplitTimeConv2d(nn.Module):
    """A trained `TimeConv2d` whose weight is in two parts, so that no graph takes it to pieces."""

    of_time: Tensor

    def __init__(self, conv: TimeConv2d) -> None:
        super().__init__()
        cin, cout = conv.in_channels - 1, conv.out_channels
        dilation = int(conv.dilation[0])
        self.conv = conv3(cin, cout, "none", dilation=dilation)
        self.conv.padding_mode = conv.padding_mode
        bias = torch.zeros(cout) if conv.bias is None else conv.bias
        self.conv.load_state_dict({"weight": conv.weight[:, 1:].detach(), "bias": bias.detach()})
        self.conv.requires_grad_(requires_grad=False)
        self.register_buffer("of_time", _sum_of_windows(conv.weight[:, 0]).detach())

    def forward(self, h: Tensor, t: Time) -> Tensor:
        """See `TimeConv2d.forward`."""
        convolved: Tensor = self.conv(h)
        return convolved + t * self.of_time


def _sum_of_windows(weights: Tensor) -> Tensor:
    """Return `(C', 3, 3)` summed over each window, `(C', 1, 1)`."""
    return weights.sum((1, 2)).view(-1, 1, 1)


class FiLM(nn.Module):
    """Scale and shift each channel by what the time says (Perez et al. 2018).

    (1 + a + b t) h + c + d t, with a, b, c, d learned for each channel and 0 at first, so that it
    starts as the identity.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(2, channels, 1, 1))
        self.shift = nn.Parameter(torch.zeros(2, channels, 1, 1))

    def forward(self, t: Time, h: Tensor) -> Tensor:
        """Return `(N, C, H, W)`, scaled and shifted."""
        scale = 1 + self.scale[0] + t * self.scale[1]
        return scale * h + (self.shift[0] + t * self.shift[1])


class Timeless(nn.Module):
    """Leave everything as it is, whatever the time."""

    def forward(self, _t: Time, h: Tensor) -> Tensor:
        """Return `h`."""
        return h
