import pytest
import torch
from torch.nn import functional

from nijigan.core.models.time_conditioning import FiLM, SplitTimeConv2d, TimeConv2d, Timeless

EACH = torch.tensor([0.0, 0.3, 1.0], dtype=torch.float64).view(-1, 1, 1, 1)
TIMES = [0.7, torch.tensor(0.7, dtype=torch.float64), EACH]


def features(channels=2):
    torch.manual_seed(0)
    return torch.randn(3, channels, 6, 5, dtype=torch.float64)


def channel(t, h):
    """The time as one channel of the size of h."""
    return torch.as_tensor(t, dtype=h.dtype).expand(3, 1, 1, 1) * torch.ones_like(h[:, :1])


@pytest.mark.parametrize("t", TIMES)
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_the_time_is_one_more_input_channel(t, dilation, norm):
    h = features()
    conv = TimeConv2d(2, 4, norm, dilation=dilation).double()
    assert (conv.bias is None) == (norm == "batch")
    wide = functional.pad(torch.cat([channel(t, h), h], 1), [dilation] * 4, mode="reflect")
    expected = functional.conv2d(wide, conv.weight, conv.bias, dilation=dilation)
    torch.testing.assert_close(conv(h, t), expected)
    torch.testing.assert_close(SplitTimeConv2d(conv).double()(h, t), expected)


@pytest.mark.parametrize("t", TIMES)
def test_film_scales_and_shifts_each_channel_linearly_in_time(t):
    h = features()
    film = FiLM(2).double()
    assert torch.equal(film(t, h), h)
    for parameter in film.parameters():
        torch.nn.init.normal_(parameter)
    constant, slope = (film.scale[i].expand(3, 2, 6, 5) for i in (0, 1))
    scale = 1 + constant + channel(t, h) * slope
    shift = film.shift[0] + channel(t, h) * film.shift[1]
    torch.testing.assert_close(film(t, h), scale * h + shift)


@pytest.mark.parametrize("layer", [TimeConv2d(2, 2, "none"), FiLM(2)])
def test_weights_and_times_get_right_gradients(layer):
    layer = layer.double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    h = features()[:2, :, :3, :3].requires_grad_()
    t = EACH[:2].clone().requires_grad_()

    def applied(t, h, *_):
        return layer(h, t) if isinstance(layer, TimeConv2d) else layer(t, h)

    assert torch.autograd.gradcheck(applied, (t, h, *layer.parameters()))


def test_without_time_nothing_changes():
    h = features()
    assert Timeless()(0.3, h) is h
