"""What the training loop needs to know of a method."""

from abc import ABC, abstractmethod

from torch import nn
from torch.optim import Optimizer

from nijigan.core.config import Recipe
from nijigan.core.data import Batch
from nijigan.core.models import Generator


class Method(ABC):
    """A training algorithm: its networks, their optimizers and what one step does with a batch."""

    averaged: Generator
    """The generator that is sampled and saved, in evaluation mode."""
    networks: dict[str, nn.Module]
    """Every network with a state, the averaged generator too."""
    optimizers: dict[str, Optimizer]
    """By the name of the network they train."""

    @abstractmethod
    def __init__(self, recipe: Recipe) -> None: ...

    @abstractmethod
    def step(self, batch: Batch, step: int) -> dict[str, float]:
        """Train on one batch and return the losses, not weighted, by name.

        Every random choice is a pure function of the recipe's seed and `step`, so that a resumed
        run makes the same ones.
        """
