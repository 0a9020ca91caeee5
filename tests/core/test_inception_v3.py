import pytest
import torch
from torch.nn import functional

from nijigan.core.models import count_parameters
from nijigan.core.models.inception_v3 import InceptionV3


def lively(width=4):
    """A small network in evaluation mode whose norms all do something."""
    torch.manual_seed(0)
    network = InceptionV3(width).eval()
    for name, buffer in network.named_buffers():
        if name.endswith(("running_var", "bn.weight")):
            buffer.uniform_(0.5, 2)
        elif name.endswith("running_mean"):
            buffer.normal_(std=0.3)
    for name, parameter in network.named_parameters():
        if name.endswith("bn.bias"):
            torch.nn.init.normal_(parameter, std=0.3)
    return network.double()


class Restated:
    """The layers of the paper in plain calls, from the state of a network."""

    def __init__(self, state):
        self.state = state

    def conv(self, h, name, stride=1, padding=0):
        s = self.state
        h = functional.conv2d(h, s[f"{name}.conv.weight"], None, stride, padding)
        h = (h - s[f"{name}.bn.running_mean"][:, None, None]) / (
            s[f"{name}.bn.running_var"][:, None, None] + 0.001
        ).sqrt()
        h = h * s[f"{name}.bn.weight"][:, None, None] + s[f"{name}.bn.bias"][:, None, None]
        return h.clamp(min=0)

    def average(self, h):
        """The mean over 3×3 of what is there: at an edge of six pixels, in a corner of four."""
        inside = functional.avg_pool2d(torch.ones_like(h), 3, 1, 1)
        return functional.avg_pool2d(h, 3, 1, 1) / inside

    def eighth(self, h, name):
        five = self.conv(h, f"{name}.branch5x5_1")
        three = self.conv(h, f"{name}.branch3x3dbl_1")
        three = self.conv(three, f"{name}.branch3x3dbl_2", padding=1)
        ways = [
            self.conv(h, f"{name}.branch1x1"),
            self.conv(five, f"{name}.branch5x5_2", padding=2),
            self.conv(three, f"{name}.branch3x3dbl_3", padding=1),
            self.conv(self.average(h), f"{name}.branch_pool"),
        ]
        return torch.cat(ways, 1)

    def halving(self, h, name):
        three = self.conv(h, f"{name}.branch3x3dbl_1")
        three = self.conv(three, f"{name}.branch3x3dbl_2", padding=1)
        ways = [
            self.conv(h, f"{name}.branch3x3", stride=2),
            self.conv(three, f"{name}.branch3x3dbl_3", stride=2),
            functional.max_pool2d(h, 3, 2),
        ]
        return torch.cat(ways, 1)

    def sixteenth(self, h, name):
        row, column = (0, 3), (3, 0)
        one = self.conv(h, f"{name}.branch7x7_1")
        one = self.conv(one, f"{name}.branch7x7_2", padding=row)
        two = self.conv(h, f"{name}.branch7x7dbl_1")
        for number, padding in ((2, column), (3, row), (4, column), (5, row)):
            two = self.conv(two, f"{name}.branch7x7dbl_{number}", padding=padding)
        ways = [
            self.conv(h, f"{name}.branch1x1"),
            self.conv(one, f"{name}.branch7x7_3", padding=column),
            two,
            self.conv(self.average(h), f"{name}.branch_pool"),
        ]
        return torch.cat(ways, 1)

    def __call__(self, h):
        h = self.conv(h, "Conv2d_1a_3x3", stride=2)
        h = self.conv(h, "Conv2d_2a_3x3")
        h = self.conv(h, "Conv2d_2b_3x3", padding=1)
        h = functional.max_pool2d(h, 3, 2)
        h = self.conv(h, "Conv2d_3b_1x1")
        h = self.conv(h, "Conv2d_4a_3x3")
        h = functional.max_pool2d(h, 3, 2)
        for name in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
            h = self.eighth(h, name)
        h = self.halving(h, "Mixed_6a")
        for name in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
            h = self.sixteenth(h, name)
        return h


def test_it_computes_the_published_layers():
    network = lively()
    image = torch.rand(2, 3, 75, 91, dtype=torch.float64) * 2 - 1
    expected = Restated(network.state_dict())(image)
    assert expected.std() > 0.05
    torch.testing.assert_close(network(image), expected)


def test_what_it_trains_is_what_slim_trains():
    with torch.device("meta"):
        network = InceptionV3()
    # Keras says 21,802,784 for the whole network without its classifier: three numbers a channel
    # in each norm, one of them trained. Mixed_7a to 7c are 12,804,096 weights and 7,808 channels.
    shifts = sum(p.numel() for name, p in network.named_parameters() if name.endswith("bn.bias"))
    weights = count_parameters(network) - shifts
    assert weights + 12_804_096 + 3 * (shifts + 7_808) == 21_802_784


def test_a_public_file_gives_all_it_needs_scales_too():
    names = lively().state_dict()
    # The names that torchvision's file has, with what this network leaves out.
    public = {name: torch.full_like(value, 2) for name, value in names.items()}
    public |= {"fc.bias": torch.zeros(1000), "Mixed_7a.branch3x3_1.conv.weight": torch.zeros(1)}
    network = InceptionV3(4)
    missing, unexpected = network.load_state_dict(public, strict=False)
    assert missing == []
    assert sorted(unexpected) == ["Mixed_7a.branch3x3_1.conv.weight", "fc.bias"]
    assert network.Conv2d_1a_3x3.bn.weight.eq(2).all()
    assert "Mixed_6e.branch7x7dbl_5.bn.weight" in names
    assert not any(name.endswith("bn.weight") for name, _ in network.named_parameters())


@pytest.mark.parametrize(("side", "left"), [(43, 1), (75, 3), (256, 14)])
def test_a_picture_leaves_so_many_places(side, left):
    assert InceptionV3(1).eval()(torch.zeros(1, 3, side, side)).shape[-2:] == (left, left)
    assert InceptionV3.smallest == 43


def test_less_leaves_nothing():
    with pytest.raises(RuntimeError):
        InceptionV3(1).eval()(torch.zeros(1, 3, 42, 60))
