"""What the training loop needs to know of a method."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Generic, TypeVar

from torch import nn
from torch.optim import Optimizer

from nijigan.core.config import Recipe
from nijigan.core.data import Batch, Pictures
from nijigan.core.errors import ConfigError
from nijigan.core.method_config import MethodConfig

P = TypeVar("P", bound=Pictures)
C = TypeVar("C", bound=MethodConfig)


class Method(ABC, Generic[P]):
    """A training algorithm: its networks, their optimizers and what one step does with a batch.

    `P` is the kind of pictures that it learns from.
    """

    averaged: nn.Module
    """The network that is sampled and saved, in evaluation mode."""
    networks: dict[str, nn.Module]
    """Every network with a state, the averaged one too."""
    optimizers: dict[str, Optimizer]
    """By the name of the network they train."""

    @abstractmethod
    def __init__(self, recipe: Recipe) -> None: ...

    @property
    @abstractmethod
    def config(self) -> dict[str, Any]:
        """The arguments that build `averaged` again."""

    @abstractmethod
    def open_pictures(self) -> P:
        """Return the pictures that the recipe names.

        Raises:
            DataError, ImageError: they cannot be used.
        """

    @abstractmethod
    def step(self, batch: Batch, step: int) -> dict[str, float]:
        """Train on one batch and return the losses, not weighted, by name.

        Every random choice is a pure function of the recipe's seed and `step`, so that a resumed
        run makes the same ones.
        """

    @abstractmethod
    def write_grid(self, pictures: P, path: Path) -> None:
        """Write a PNG that shows what `averaged` does to some of the held-out pictures."""

    @abstractmethod
    def validate(self, pictures: P) -> dict[str, float]:
        """Return figures of what `averaged` does to the held-out pictures, by name."""


def options_of(recipe: Recipe, kind: type[C]) -> C:
    """Return the section `[method]` of a recipe as the kind that a method wants.

    Raises:
        ConfigError: it is another method's.
    """
    if not isinstance(recipe.method, kind):
        raise ConfigError(f"The recipe is one for '{recipe.method.name}'.", "Use that method.")
    return recipe.method
