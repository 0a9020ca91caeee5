"""Inception-v3 up to its layer Mixed_6e (Szegedy et al. 2016, arXiv 1512.00567)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nijigan.core.models.layers import init_he
from nijigan.core.models.shift_norm import ShiftNorm2d

_FULL = 32
"""Channels of the first convolution of the published network."""


class ConvNormReLU(nn.Module):
    """Convolution without bias, BatchNorm without scale, ReLU."""

    def __init__(
        self,
        cin: int,
        cout: int,
        kernel: int | tuple[int, int] = 1,
        stride: int = 1,
        same: bool = False,
    ) -> None:
        super().__init__()
        sides = (kernel, kernel) if isinstance(kernel, int) else kernel
        padding = (sides[0] // 2, sides[1] // 2) if same else 0
        self.conv = nn.Conv2d(cin, cout, sides, stride, padding, bias=False)
        self.bn = ShiftNorm2d(cout)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, h: Tensor) -> Tensor:
        """Return `(N, C, H', W')`."""
        out: Tensor = self.relu(self.bn(self.conv(h)))
        return out


class Mixed(nn.Module):
    """Several ways from one feature map, their outputs one after another as channels.

    Args:
        ways: each a sequence of layers by name; the names are those of the state.
    """

    def __init__(self, *ways: Sequence[tuple[str, nn.Module]]) -> None:
        super().__init__()
        for way in ways:
            for name, layer in way:
                self.add_module(name, layer)
        self._ways = [[name for name, _ in way] for way in ways]

    def forward(self, h: Tensor) -> Tensor:
        """Return `(N, C, H', W')`, the channels of the first way first."""
        outputs = []
        for way in self._ways:
            out = h
            for name in way:
                out = self.get_submodule(name)(out)
            outputs.append(out)
        return torch.cat(outputs, dim=1)


class InceptionV3(nn.Module):
    """Picture to 768 feature maps at a sixteenth of the size: 8,956,448 parameters.

    Layers and sizes are those of TensorFlow's slim, with which the network was published: no
    padding in the strided convolutions and poolings, in the second convolution and in the two
    before the first `Mixed`, zeros that keep the size in all others; BatchNorm with eps 0.001 and
    no scale; averages that do not count the padding. The state has torchvision's names,
    `Conv2d_1a_3x3.conv.weight` and `Mixed_5b.branch1x1.bn.bias`, so a public file loads with
    `strict=False`, which leaves out `Mixed_7a` and what follows it. Trained scales in such a file
    are used and not trained on. torchvision's own network counts the padding in its averages.

    Args:
        width: channels of the first convolution; 32 is published, and all others are in proportion.
    """

    smallest = 43
    """Side in pixels from which a picture leaves anything at Mixed_6e."""

    def __init__(self, width: int = _FULL) -> None:
        super().__init__()

        def c(full: int) -> int:
            return max(1, full * width // _FULL)

        self.Conv2d_1a_3x3 = ConvNormReLU(3, c(32), 3, stride=2)
        self.Conv2d_2a_3x3 = ConvNormReLU(c(32), c(32), 3)
        self.Conv2d_2b_3x3 = ConvNormReLU(c(32), c(64), 3, same=True)
        self.maxpool1 = nn.MaxPool2d(3, stride=2)
        self.Conv2d_3b_1x1 = ConvNormReLU(c(64), c(80))
        self.Conv2d_4a_3x3 = ConvNormReLU(c(80), c(192), 3)
        self.maxpool2 = nn.MaxPool2d(3, stride=2)
        block = (c(64), c(48), c(96))
        self.Mixed_5b = _mixed_5(c(192), block, c(32))
        wide = 2 * c(64) + c(96)
        self.Mixed_5c = _mixed_5(wide + c(32), block, c(64))
        self.Mixed_5d = _mixed_5(wide + c(64), block, c(64))
        self.Mixed_6a = _mixed_6a(wide + c(64), c(384), c(64), c(96))
        self.Mixed_6b = _mixed_6(c(384) + c(96) + wide + c(64), c(128), c(192))
        self.Mixed_6c = _mixed_6(4 * c(192), c(160), c(192))
        self.Mixed_6d = _mixed_6(4 * c(192), c(160), c(192))
        self.Mixed_6e = _mixed_6(4 * c(192), c(192), c(192))
        self.channels = 4 * c(192)
        init_he(self)

    def forward(self, image: Tensor) -> Tensor:
        """Return what Mixed_6e holds.

        Args:
            image: `(N, 3, H, W)` in [-1, 1], sides of at least `smallest` pixels.

        Returns:
            `(N, channels, H/16 - 2, W/16 - 2)`, about.
        """
        h = image
        for layer in self.children():
            h = layer(h)
        return h


def _average() -> nn.Module:
    return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)


def mixed_7a(cin: int, inner: int, cout: int) -> Mixed:
    """Return the block that halves the size to a thirty-second of the picture's."""
    return Mixed(
        [
            ("branch3x3_1", ConvNormReLU(cin, inner)),
            ("branch3x3_2", ConvNormReLU(inner, cout, 3, stride=2)),
        ],
        [
            ("branch7x7x3_1", ConvNormReLU(cin, inner)),
            ("branch7x7x3_2", ConvNormReLU(inner, inner, (1, 7), same=True)),
            ("branch7x7x3_3", ConvNormReLU(inner, inner, (7, 1), same=True)),
            ("branch7x7x3_4", ConvNormReLU(inner, inner, 3, stride=2)),
        ],
        [("pool", nn.MaxPool2d(3, stride=2))],
    )


def mixed_7(cin: int, block: tuple[int, int, int, int], pool: nn.Module | None = None) -> Mixed:
    """Return a block at a thirty-second of the size, whose 3×3 are 1×3 and 3×1 side by side.

    Args:
        cin: channels in.
        block: channels of the 1×1, 3×3, double 3×3 (within) and pooled ways.
        pool: 3×3, keeps the size; the average if not given.
    """
    one, three, double, pooled = block
    first = ("branch3x3_1", ConvNormReLU(cin, three))
    doubled = [
        ("branch3x3dbl_1", ConvNormReLU(cin, double)),
        ("branch3x3dbl_2", ConvNormReLU(double, three, 3, same=True)),
    ]
    return Mixed(
        [("branch1x1", ConvNormReLU(cin, one))],
        [first, ("branch3x3_2a", ConvNormReLU(three, three, (1, 3), same=True))],
        [first, ("branch3x3_2b", ConvNormReLU(three, three, (3, 1), same=True))],
        [*doubled, ("branch3x3dbl_3a", ConvNormReLU(three, three, (1, 3), same=True))],
        [*doubled, ("branch3x3dbl_3b", ConvNormReLU(three, three, (3, 1), same=True))],
        [("pool", pool or _average()), ("branch_pool", ConvNormReLU(cin, pooled))],
    )


def _mixed_5(cin: int, block: tuple[int, int, int], pooled: int) -> Mixed:
    """Return a block at an eighth of the size; `block` has the 1×1, 5×5 and 3×3 ways' channels."""
    one, five, three = block
    return Mixed(
        [("branch1x1", ConvNormReLU(cin, one))],
        [
            ("branch5x5_1", ConvNormReLU(cin, five)),
            ("branch5x5_2", ConvNormReLU(five, one, 5, same=True)),
        ],
        [
            ("branch3x3dbl_1", ConvNormReLU(cin, one)),
            ("branch3x3dbl_2", ConvNormReLU(one, three, 3, same=True)),
            ("branch3x3dbl_3", ConvNormReLU(three, three, 3, same=True)),
        ],
        [("pool", _average()), ("branch_pool", ConvNormReLU(cin, pooled))],
    )


def _mixed_6a(cin: int, cout: int, one: int, three: int) -> Mixed:
    """Return the block that halves the size."""
    return Mixed(
        [("branch3x3", ConvNormReLU(cin, cout, 3, stride=2))],
        [
            ("branch3x3dbl_1", ConvNormReLU(cin, one)),
            ("branch3x3dbl_2", ConvNormReLU(one, three, 3, same=True)),
            ("branch3x3dbl_3", ConvNormReLU(three, three, 3, stride=2)),
        ],
        [("pool", nn.MaxPool2d(3, stride=2))],
    )


def _mixed_6(cin: int, inner: int, cout: int) -> Mixed:
    """Return a block at a sixteenth of the size, whose 7×7 convolutions are 1×7 and 7×1."""

    def row(cin: int, cout: int) -> ConvNormReLU:
        return ConvNormReLU(cin, cout, (1, 7), same=True)

    def column(cin: int, cout: int) -> ConvNormReLU:
        return ConvNormReLU(cin, cout, (7, 1), same=True)

    return Mixed(
        [("branch1x1", ConvNormReLU(cin, cout))],
        [
            ("branch7x7_1", ConvNormReLU(cin, inner)),
            ("branch7x7_2", row(inner, inner)),
            ("branch7x7_3", column(inner, cout)),
        ],
        [
            ("branch7x7dbl_1", ConvNormReLU(cin, inner)),
            ("branch7x7dbl_2", column(inner, inner)),
            ("branch7x7dbl_3", row(inner, inner)),
            ("branch7x7dbl_4", column(inner, inner)),
            ("branch7x7dbl_5", row(inner, cout)),
        ],
        [("pool", _average()), ("branch_pool", ConvNormReLU(cin, cout))],
    )
