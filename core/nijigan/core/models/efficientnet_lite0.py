"""EfficientNet-Lite0 (Tan and Le 2019; the Lite form of 2020), a second small feature network."""

from collections.abc import Iterator

from torch import Tensor, nn
from torch.nn import functional

from nijigan.core.models.features import Classifier

_STAGES = (
    # times as many channels within, channels out, blocks, stride of the first, kernel
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
_EPSILON = 1e-3
"""Of TensorFlow's BatchNorm, with which it was trained."""
# What TensorFlow's reference subtracts from levels in 0…255, and divides by.
_MEAN, _STD = 127 / 255, 128 / 255


class SameConv2d(nn.Conv2d):
    """A convolution that pads as TensorFlow does: of an odd number of zeros, one more at the end.

    H×W becomes ⌈H/stride⌉×⌈W/stride⌉.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of `(N, C, H, W)`."""
        sides: list[int] = []
        for size, kernel, stride in zip(
            (x.shape[3], x.shape[2]), self.kernel_size[::-1], self.stride[::-1], strict=True
        ):
            zeros = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            sides += [zeros // 2, zeros - zeros // 2]
        return super().forward(functional.pad(x, sides))


class InvertedResidual(nn.Module):
    """1×1 to more channels, k×k in each of them, 1×1 to few; plus the input where it fits."""

    def __init__(self, cin: int, cout: int, expansion: int, stride: int, kernel: int) -> None:
        super().__init__()
        inner = cin * expansion
        # Names with an underscore: those of the published file.
        if expansion > 1:
            self._expand_conv = SameConv2d(cin, inner, 1, bias=False)
            self._bn0 = _norm(inner)
        self._depthwise_conv = SameConv2d(inner, inner, kernel, stride, groups=inner, bias=False)
        self._bn1 = _norm(inner)
        self._project_conv = SameConv2d(inner, cout, 1, bias=False)
        self._bn2 = _norm(cout)
        self.expands = expansion > 1
        self.has_shortcut = stride == 1 and cin == cout

    def expand(self, h: Tensor) -> Tensor:
        """Return what is within; the input itself in the one block that does not expand."""
        return functional.relu6(self._bn0(self._expand_conv(h))) if self.expands else h

    def contract(self, expanded: Tensor, h: Tensor) -> Tensor:
        """Return the output, from what `expand` gave and the input."""
        inner = functional.relu6(self._bn1(self._depthwise_conv(expanded)))
        out: Tensor = self._bn2(self._project_conv(inner))
        return h + out if self.has_shortcut else out


class EfficientNetLite0(Classifier):
    """Sixteen inverted residual blocks: 4,652,008 parameters, the classifier's too.

    EfficientNet-B0 without squeeze-and-excitation, with ReLU6 for swish. `trunk` has the names of
    the published file. The layers are `stem`, `blocks.0`…`blocks.15` (few channels, no ReLU),
    `blocks.1.expand`…`blocks.15.expand` (up to 1152 channels, within a block after its first ReLU6)
    and `head`. Pictures are shown to it as to TensorFlow's original, (level - 127) / 128 of levels
    0…255, and are padded as there, so that it sees a side of odd length as the original does.
    """

    label = "EfficientNet-Lite0"

    def __init__(self) -> None:
        super().__init__(mean=(_MEAN,) * 3, std=(_STD,) * 3)
        blocks: list[nn.Module] = []
        channels = 32
        for expansion, cout, count, stride, kernel in _STAGES:
            for block in range(count):
                first = stride if block == 0 else 1
                blocks.append(InvertedResidual(channels, cout, expansion, first, kernel))
                channels = cout
        self.trunk = nn.ModuleDict(
            {
                "_conv_stem": SameConv2d(3, 32, 3, 2, bias=False),
                "_bn0": _norm(32),
                "_blocks": nn.ModuleList(blocks),
                "_conv_head": SameConv2d(channels, 1280, 1, bias=False),
                "_bn1": _norm(1280),
                "_fc": nn.Linear(1280, 1000),
            }
        )
        within = [
            name
            for number in range(len(blocks))
            for name in (f"blocks.{number}.expand", f"blocks.{number}")
        ]
        self.layers = ("stem", *within[1:], "head")

    def classify(self, image: Tensor) -> Tensor:
        """See `Classifier.classify`."""
        logits: Tensor = self.trunk["_fc"](self.features(image, ["head"])["head"].mean((2, 3)))
        return logits

    def _walk(self, h: Tensor) -> Iterator[tuple[str, Tensor]]:
        trunk = self.trunk
        h = functional.relu6(trunk["_bn0"](trunk["_conv_stem"](h)))
        yield "stem", h
        for number, block in enumerate(trunk["_blocks"].children()):
            assert isinstance(block, InvertedResidual)
            expanded = block.expand(h)
            if block.expands:
                yield f"blocks.{number}.expand", expanded
            h = block.contract(expanded, h)
            yield f"blocks.{number}", h
        yield "head", functional.relu6(trunk["_bn1"](trunk["_conv_head"](h)))


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=_EPSILON, momentum=0.01)
