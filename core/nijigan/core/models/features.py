"""What every feature network is: a trained classifier whose inner layers measure pictures."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

import torch
from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean

Color = tuple[float, float, float]


class FeatureNetwork(nn.Module, ABC):
    """Picture in, what some of the layers hold of it out.

    Args:
        mean, std: of each color in the pictures that the network was trained on, of values in
            [0, 1]: it was shown (value - mean) / std. The default is that of ImageNet.
    """

    label: ClassVar[str]
    """Names every distance that is measured on it: "KID-MobileNetV2", say."""

    left_out: ClassVar[tuple[str, ...]] = ()
    """How the names begin that the published file has and `trunk` has not."""

    layers: tuple[str, ...]
    """The layers that `features` gives, in order of depth."""

    trunk: nn.ModuleDict
    """All that is learned; the keys of its state are those of the published file."""

    scale: Tensor
    shift: Tensor

    def __init__(
        self, mean: Color = (0.485, 0.456, 0.406), std: Color = (0.229, 0.224, 0.225)
    ) -> None:
        super().__init__()
        # No file of weights has these, so they need values even in a network built on "meta".
        center = torch.tensor(mean, device="cpu").view(1, 3, 1, 1)
        spread = torch.tensor(std, device="cpu").view(1, 3, 1, 1)
        # ((x + 1) / 2 - mean) / std, as one factor and one summand.
        self.register_buffer("scale", 0.5 / spread, persistent=False)
        self.register_buffer("shift", (0.5 - center) / spread, persistent=False)

    def features(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return what each of `layers` holds of `image`; layers past the deepest are not run.

        Args:
            image: `(N, 3, H, W)` in [-1, 1].
            layers: some of `self.layers`, in any order.

        Returns:
            By layer, in order of depth, `(N, C, H', W')`.

        Raises:
            ConfigError: a layer that the network does not have.
        """
        self.check_layers(layers)
        wanted = set(layers)
        found: dict[str, Tensor] = {}
        walk = self._walk(self.normalize(image))
        while len(found) < len(wanted):
            name, h = next(walk)
            if name in wanted:
                found[name] = h
        return found

    def normalize(self, image: Tensor) -> Tensor:
        """Return `(N, 3, H, W)` in [-1, 1] as the network was trained to see it."""
        return image * self.scale + self.shift

    def check_layers(self, layers: Sequence[str]) -> None:
        """Refuse what is not a layer.

        Raises:
            ConfigError: a layer that the network does not have.
        """
        for name in layers:
            if name not in self.layers:
                raise ConfigError(
                    f"{self.label} has no layer '{name}'.", did_you_mean(name, self.layers)
                )

    def freeze(self) -> Self:
        """Return the network itself, in evaluation mode and with nothing left to train."""
        return self.eval().requires_grad_(False)

    @abstractmethod
    def _walk(self, h: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Yield what each of `layers` holds, in order; `h` is normalized.

        What was yielded may be kept: no layer works in place.
        """


class Classifier(FeatureNetwork):
    """A feature network that has its last layers too, and so can name what it sees."""

    @abstractmethod
    def classify(self, image: Tensor) -> Tensor:
        """Return the logits of the 1000 classes of ImageNet, `(N, 1000)`.

        `image` is `(N, 3, H, W)` in [-1, 1]; the networks were trained at 224×224.
        """
