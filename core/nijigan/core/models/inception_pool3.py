"""Inception-v3 whole up to its last average, whose 2048 numbers FID compares.

Two public files have weights for it, which differ in what they were trained with: TensorFlow's of
2015-12-05, on which the FID of the literature is defined, and torchvision's.
"""

from collections.abc import Iterator

from torch import Tensor, nn

from nijigan.core.models.features import FeatureNetwork
from nijigan.core.models.inception_v3 import InceptionV3, mixed_7, mixed_7a

_FULL = 32
"""Channels of the first convolution of the published network."""


class InceptionPool3(FeatureNetwork):
    """Inception-v3 as TensorFlow's graph of 2015-12-05 has it: 21,785,568 parameters.

    Averages do not count the padding, and the last block pools by the maximum (both as in the
    graph). `trunk` has torchvision's names, which the ports of the graph to torch have too. The
    layers are its parts; the means of the last, `Mixed_7c`, are TensorFlow's `pool_3`.

    Args:
        width: channels of the first convolution; 32 is published, all others are in proportion.
    """

    label = "Inception-2015-12-05"
    left_out = ("AuxLogits.", "fc.")

    def __init__(self, width: int = _FULL) -> None:
        # The graph subtracts 128 from levels in 0…255 and divides by 128.
        super().__init__((128 / 255,) * 3, (128 / 255,) * 3)
        self._build(width, nn.MaxPool2d(3, stride=1, padding=1))

    def _build(self, width: int, last_pool: nn.Module | None) -> None:
        def c(full: int) -> int:
            return max(1, full * width // _FULL)

        trunk = InceptionV3(width)
        parts = dict(trunk.named_children())
        block = (c(320), c(384), c(448), c(192))
        parts["Mixed_7a"] = mixed_7a(trunk.channels, c(192), c(320))
        parts["Mixed_7b"] = mixed_7(trunk.channels + c(320) + c(192), block)
        parts["Mixed_7c"] = mixed_7(c(320) + 4 * c(384) + c(192), block, last_pool)
        self.trunk = nn.ModuleDict(parts)
        self.layers = tuple(parts)

    def _walk(self, h: Tensor) -> Iterator[tuple[str, Tensor]]:
        for name, part in self.trunk.items():
            h = part(h)
            yield name, h


class TorchvisionInceptionPool3(InceptionPool3):
    """The same as torchvision has it: averages count the padding, also in the last block.

    Pictures are normalized by ImageNet's mean and deviation, as the NijiGAN report's code does with
    `transform_input` off; torchvision's own file was trained on others.
    """

    label = "InceptionV3-torchvision"

    def __init__(self, width: int = _FULL) -> None:
        FeatureNetwork.__init__(self)
        self._build(width, None)
        for module in self.modules():
            if isinstance(module, nn.AvgPool2d):
                module.count_include_pad = True
