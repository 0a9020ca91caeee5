"""What every training method is: networks, and the updates that one step makes to them."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from nijigan.core.config import Recipe
from nijigan.core.data import Pictures
from nijigan.core.errors import ConfigError
from nijigan.core.method_config import MethodConfig
from nijigan.core.methods.dial import draw_solver, draw_strengths
from nijigan.core.models import Generator, create, create_generator
from nijigan.core.ode import Solver
from nijigan.core.training.average import update_average
from nijigan.core.training.begin import begin_with
from nijigan.core.training.machine import autocast, device_of, dtype_of, place
from nijigan.core.training.norm_mode import NormMode
from nijigan.core.training.part import Part, divide, source_of, whole_part
from nijigan.core.training.update import Phase, Updater, Views
from nijigan.core.training.world import World

P = TypeVar("P", bound=Pictures)
B = TypeVar("B")
V = TypeVar("V")
C = TypeVar("C", bound=MethodConfig)
N = TypeVar("N", bound=nn.Module)


class Method(ABC, Generic[P, V]):
    """A training algorithm.

    A step looks at its pictures (`look`: the forward passes), then makes one update after the other
    (`phases`), each of some networks by some losses. Everything random in it is a function of the
    recipe's seed and the step, so a resumed run makes the same choices, and so do two processes
    that share the pictures of a batch.

    `P` is the kind of pictures that it learns from, `V` what it sees of them in a step.

    Args:
        recipe: everything that determines the run.
        world: the processes that train together.
    """

    averaged: nn.Module
    """The network that is sampled and saved, in evaluation mode."""
    figures: tuple[str, ...]
    """Those of `validate`, whatever the pictures are, that say how good it is: what the schedule
    `plateau` can watch. They are in `HIGHER_IS_BETTER`."""

    def __init__(self, recipe: Recipe, world: World) -> None:
        self.recipe = recipe
        self.world = world
        self.networks: dict[str, nn.Module] = {}
        """Every network with a state, the averaged ones too."""
        self.optimizers: dict[str, Optimizer] = {}
        """By the name of the network they train."""
        self.extras: dict[str, nn.Module] = {}
        """Networks that are saved beside the averaged one, by the name of their file."""
        self.has_begun = False
        """Whether a network has the weights of `train.begin`."""
        self._averages: list[tuple[nn.Module, nn.Module]] = []
        self._norm_modes: list[NormMode] = []
        self._solvers: list[tuple[Generator, Solver]] = []

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
    def look(self, part: Part[Any]) -> V:
        """Return what the method sees of some pictures: the forward passes that updates share."""

    @abstractmethod
    def phases(self, step: int) -> Sequence[Phase[V]]:
        """Return the updates of a step, in their order."""

    @abstractmethod
    def write_grid(self, pictures: P, path: Path) -> None:
        """Write a PNG that shows what `averaged` does to some of the held-out pictures."""

    @abstractmethod
    def validate(self, pictures: P) -> dict[str, float]:
        """Return figures of what `averaged` does to the held-out pictures, by name."""

    def finish(self) -> None:
        """Do what must be done to the networks after each step."""

    def step(self, batch: Any, step: int) -> dict[str, float]:
        """Train on one batch, of all processes together; return the losses, not weighted, by name.

        Raises:
            TrainingError: a loss or its gradient is infinite or NaN; no network was changed by it.
        """
        recipe = self.recipe
        rng = np.random.default_rng((recipe.train.seed, 2, step))
        strength = draw_strengths(recipe.strength, len(batch), rng)
        strength = strength.to(device_of(recipe.train), dtype_of(recipe.train))
        for generator, own in self._solvers:
            generator.set_solver(draw_solver(recipe.solver, own, rng))
        for norm_mode in self._norm_modes:
            norm_mode.set(step)
        # For what draws from torch's own source, dropout say: no process the same as another.
        torch.manual_seed(source_of(recipe.train.seed, step, self.world.rank).initial_seed())

        whole = whole_part(batch, strength, step, recipe.train.seed)
        mine = self.world.part_of(len(strength))
        views = Views(self.look, divide(whole, mine, recipe.train.accumulate))
        updater = Updater(self.networks, self.optimizers, self.world, recipe.optim.clip)
        every = recipe.train.shares_every
        figures: dict[str, float] = {}
        for phase in self.phases(step):
            figures |= updater.update(phase, views, step, bool(every) and step % every == 0)
        self.finish()
        for norm_mode in self._norm_modes:
            norm_mode.agree()
        for averaged, network in self._averages:
            update_average(averaged, network, recipe.method.ema, step)
        return self.world.mean(figures)

    def trained(self, name: str, network: N, rate: float) -> N:
        """Return a network, placed, with an optimizer of its own under `name`."""
        optim = self.recipe.optim
        place(network, self.recipe.train)
        self.networks[name] = network
        self.optimizers[name] = torch.optim.Adam(
            network.parameters(), rate, optim.betas, weight_decay=optim.weight_decay
        )
        return network

    def averaged_of(self, name: str, network: N) -> N:
        """Return the moving average of a trained network, in evaluation mode, under `name`."""
        averaged = copy.deepcopy(network).eval().requires_grad_(False)
        self.networks[name] = averaged
        self._averages.append((averaged, network))
        self._norm_modes.append(NormMode(network, averaged, self.recipe.train, self.world))
        return averaged

    def trained_generator(self, name: str) -> Generator:
        """Return a new generator of `[model]`, trained under `name`.

        The one named `generator` has the weights of `train.begin`, where that names any.

        Raises:
            ConfigError: `[model]` is no generator, is not the network of `train.begin`, or it
                cannot do without activations as asked.
            CheckpointError: `train.begin` cannot be read.
        """
        recipe = self.recipe
        generator = create_generator(recipe.model.name, **recipe.model.options)
        if recipe.train.begin and name == "generator":
            begin_with(generator, recipe.train.begin)
            self.has_begun = True
        generator.set_checkpointing(recipe.train.checkpointing)
        if generator.solver is not None:
            self._solvers.append((generator, generator.solver))
        return self.trained(name, generator, recipe.optim.lr)

    def trained_discriminator(self, name: str, in_channels: int = 3) -> nn.Module:
        """Return a new discriminator of `[discriminator]`, trained under `name`."""
        config = self.recipe.discriminator
        network = create(config.name, **{"in_channels": in_channels, **config.options})
        return self.trained(name, network, self.recipe.optim.lr_discriminator)

    def run(self, network: nn.Module, *inputs: Tensor) -> Tensor:
        """Return what a network makes of `inputs`, computed as the recipe says, unrounded after."""
        with autocast(self.recipe.train):
            output: Tensor = network(*inputs)
        return output.to(dtype_of(self.recipe.train))


def options_of(recipe: Recipe, kind: type[C]) -> C:
    """Return the section `[method]` of a recipe as the kind that a method wants.

    Raises:
        ConfigError: it is another method's.
    """
    if not isinstance(recipe.method, kind):
        raise ConfigError(f"The recipe is one for '{recipe.method.name}'.", "Use that method.")
    return recipe.method
