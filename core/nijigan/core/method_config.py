"""What each training method can be told: the `[method]` section, whose `name` says which it is."""

import math
from dataclasses import dataclass
from typing import Any

from nijigan.core.bounds import require
from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean
from nijigan.core.tables import read_table


@dataclass(frozen=True)
class MethodConfig:
    """What every method has."""

    name: str
    """The algorithm."""


@dataclass(frozen=True)
class Pix2PixConfig(MethodConfig):
    """The weights of the losses of pix2pix."""

    name: str = "pix2pix"
    """The algorithm."""
    l1: float = 100.0
    """Weight of the mean absolute difference to the target."""
    gan: float = 1.0
    """Weight of the adversarial loss; 0 trains without a discriminator."""
    gan_loss: str = "vanilla"
    """`vanilla` (cross-entropy, as in pix2pix) or `lsgan` (least squares)."""
    gradient: float = 0.0
    """Weight of the mean absolute difference of neighboring pixels' differences: keeps lines."""
    warmup: int = 0
    """Steps at the start without the adversarial loss."""
    ema: float = 0.999
    """Decay per step of the averaged weights, the ones that are sampled and saved; 0 is none."""

    def __post_init__(self) -> None:
        require("method", self, 0, math.inf, "l1", "gan", "gradient", "warmup")
        require("method", self, 0, 1, "ema")


LayerWeights = tuple[tuple[str, float], ...]
"""Layers of a feature network, each with the weight of its loss."""


@dataclass(frozen=True)
class ArbitraryConfig(MethodConfig):
    """The weights of the losses of arbitrary stylization, on layers of `[features]`."""

    name: str = "arbitrary"
    """The algorithm."""
    content: LayerWeights = (("relu3_3", 1.0),)
    """Layers whose values must stay those of the content, each with its weight."""
    style: LayerWeights = (
        ("relu1_2", 6.6),
        ("relu2_2", 6.6),
        ("relu3_3", 6.6),
        ("relu4_3", 6.6),
    )
    """Layers whose Gram matrices must become those of the style, each with its weight."""
    total_variation: float = 0.38
    """Weight of the mean square difference of neighboring pixels."""
    jitter: float = 1.0
    """How far the colors of style pictures are changed at random; 0 leaves them as they are."""
    style_side: tuple[int, int] = (128, 300)
    """Sides in pixels between which a batch of style pictures is resized to a random one."""
    clip: float = 0.0
    """Gradients longer than this are cut to it; 0: never. Flat crops have very long ones."""
    ema: float = 0.999
    """Decay per step of the averaged weights, the ones that are sampled and saved; 0 is none."""

    def __post_init__(self) -> None:
        low, high = self.style_side
        if not 16 <= low <= high:
            raise ConfigError(
                f"method.style_side is {[low, high]}.", "Give two sides from 16 up, in order."
            )
        require("method", self, 0, math.inf, "total_variation", "clip")
        require("method", self, 0, 1, "ema", "jitter")
        for key in ("content", "style"):
            layers = getattr(self, key)
            if not layers or not all(0 < weight < math.inf for _, weight in layers):
                raise ConfigError(
                    f"method.{key} is {[list(layer) for layer in layers]}.",
                    "Give one layer or more, each with a weight above 0.",
                )


METHOD_CONFIGS: dict[str, type[MethodConfig]] = {
    "pix2pix": Pix2PixConfig,
    "arbitrary": ArbitraryConfig,
}


def read_method(table: dict[str, Any], source: str) -> MethodConfig:
    """Build the section of the method that `table` names; without a name it is pix2pix.

    Raises:
        ConfigError: no such method, a key that it does not have, or a value that it cannot take.
    """
    name = table.get("name", "pix2pix")
    if not isinstance(name, str) or name not in METHOD_CONFIGS:
        hint = did_you_mean(str(name), METHOD_CONFIGS)
        raise ConfigError(f"{source}: no method '{name}'.", hint)
    return read_table(METHOD_CONFIGS[name], table, source, "method.")
