"""VGG19, the feature network of neural style transfer (Simonyan and Zisserman 2014)."""

from collections.abc import Iterator
from typing import ClassVar

from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.features import FeatureNetwork
from nijigan.core.models.layers import init_he
from nijigan.core.nearest import did_you_mean

_POOLINGS: dict[str, type[nn.MaxPool2d] | type[nn.AvgPool2d]] = {
    "max": nn.MaxPool2d,
    "average": nn.AvgPool2d,
}


class VGG19(FeatureNetwork):
    """The sixteen convolutions of VGG19, 3×3, padded with zeros, each followed by a ReLU.

    They come in stages of 2, 2, 4, 4 and 4 with C, 2C, 4C, 8C and 8C channels, C = `width`, and
    pooling to half the size after each stage. The three linear layers of the classifier are left
    out: 20,024,384 parameters. `trunk` has torchvision's names, `features.0.weight` and so on.

    The layers are `conv1_1`…`conv5_4`, before the ReLU, and `relu1_1`…`relu5_4`, after it. What
    Gatys et al. call conv4_2 is `relu4_2` here, for their framework applied the ReLU in place. They
    had also scaled the weights so that each channel is 1 on average; torchvision's are not.

    Args:
        width: channels of the first stage; 64 is published.
        pooling: `max`, as it was trained, or `average`, as Gatys et al. draw.

    Raises:
        ConfigError: another pooling.
    """

    label = "VGG19"
    left_out = ("classifier.",)
    convolutions: ClassVar[tuple[int, ...]] = (2, 2, 4, 4, 4)
    """In each of the five stages."""

    def __init__(self, width: int = 64, pooling: str = "max") -> None:
        super().__init__()
        if pooling not in _POOLINGS:
            raise ConfigError(f"No pooling '{pooling}'.", did_you_mean(pooling, _POOLINGS))
        steps: list[nn.Module] = []
        names: list[str] = []
        channels = 3
        for stage, convolutions in enumerate(self.convolutions, start=1):
            wider = width * min(2 ** (stage - 1), 8)
            for number in range(1, convolutions + 1):
                steps += [nn.Conv2d(channels, wider, 3, padding=1), nn.ReLU()]
                names += [f"conv{stage}_{number}", f"relu{stage}_{number}"]
                channels = wider
            steps.append(_POOLINGS[pooling](2))
            names.append("")
        self.trunk = nn.ModuleDict({"features": nn.Sequential(*steps)})
        self.layers = tuple(name for name in names if name)
        self._names = names
        init_he(self)

    def _walk(self, h: Tensor) -> Iterator[tuple[str, Tensor]]:
        for name, step in zip(self._names, self.trunk["features"].children(), strict=True):
            h = step(h)
            if name:
                yield name, h
