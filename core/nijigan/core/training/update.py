"""One update of some networks: losses, gradients, the mean over passes and processes, a step."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from nijigan.core.errors import TrainingError
from nijigan.core.training.part import Part
from nijigan.core.training.world import World

V = TypeVar("V")


@dataclass(frozen=True)
class Loss:
    """A scalar, what it is weighted with, and the part's share in it (see `Part`)."""

    value: Tensor
    weight: float = 1.0
    share: float = 1.0


Losses = dict[str, Loss]


@dataclass(frozen=True)
class Phase(Generic[V]):
    """An update of a step: these networks learn from these losses, all others stand still."""

    trains: tuple[str, ...]
    losses: Callable[[V], Losses]
    """Of what the method sees in a part; empty where the part has nothing to learn from."""
    through: bool = True
    """Whether gradients go back into what was seen; a discriminator's need not."""


class Views(Generic[V]):
    """What a method sees in each part of a step.

    One part is looked at once, and every phase learns from that. Of several, each phase looks again
    at one after the other, so that the memory is that of one.
    """

    def __init__(self, look: Callable[[Part[Any]], V], parts: Sequence[Part[Any]]) -> None:
        self.look = look
        self.parts = parts
        self._only: list[V] = []

    def of(self, part: Part[Any], through: bool) -> V:
        """Return what is seen in a part."""
        if len(self.parts) > 1:
            with torch.set_grad_enabled(through):
                return self.look(part)
        if not self._only:
            self._only.append(self.look(part))
        return self._only[0]


@dataclass(frozen=True)
class Updater:
    """Takes the steps of a run's optimizers."""

    networks: dict[str, nn.Module]
    optimizers: dict[str, Optimizer]
    world: World
    clip: float
    """Longest gradient of a phase; a longer one is cut to it. 0: any."""

    def update(
        self, phase: Phase[V], views: Views[V], step: int, shares: bool = False
    ) -> dict[str, float]:
        """Take one step with the networks of `phase`; return its losses, not weighted, by name.

        Args:
            phase: who learns from what.
            views: of this process's parts.
            step: for messages.
            shares: return also `share/NAME`, each loss's part in the gradient: the length of its
                own over the sum of all lengths, in the first part.

        Raises:
            TrainingError: a loss or its gradient is infinite or NaN; nothing was changed.
        """
        optimizers = [self.optimizers[name] for name in phase.trains]
        parameters = [p for name in phase.trains for p in self.networks[name].parameters()]
        for optimizer in optimizers:
            optimizer.zero_grad()
        figures: dict[str, float] = {}
        for part in views.parts:
            losses = self._losses(phase, views, part)
            if shares and len(losses) > 1 and part is views.parts[0]:
                figures |= _shares(losses, parameters)
            for name, value in _values(losses).items():
                figures[name] = figures.get(name, 0.0) + value / len(views.parts)
            if losses:
                torch.autograd.backward(_total(losses) / len(views.parts))
        _check(self.world.mean(figures), "The loss", step)
        if not self.world.any(bool(figures)):
            return {}
        self.world.average_gradients(parameters)
        if not math.isfinite(_length(parameters)):
            self._blame(phase, views, parameters, step)
        if self.clip:
            nn.utils.clip_grad_norm_(parameters, self.clip)
        for optimizer in optimizers:
            optimizer.step()
        return figures

    def _losses(self, phase: Phase[V], views: Views[V], part: Part[Any]) -> Losses:
        view = views.of(part, phase.through)
        with self._training_only(phase.trains):
            return phase.losses(view)

    @contextmanager
    def _training_only(self, names: Sequence[str]) -> Iterator[None]:
        """Spare the gradients of the networks that stand still."""
        others = [self.networks[name] for name in self.optimizers if name not in names]
        for network in others:
            network.requires_grad_(False)
        try:
            yield
        finally:
            for network in others:
                network.requires_grad_(True)

    def _blame(
        self, phase: Phase[V], views: Views[V], parameters: Sequence[Tensor], step: int
    ) -> None:
        """Find the loss whose gradient is not finite, and stop."""
        again = Views(views.look, views.parts)
        for part in views.parts:
            losses = self._losses(phase, again, part)
            for name, loss in losses.items():
                _check({name: _own_length(loss, parameters)}, "The gradient of the loss", step)
        raise TrainingError(
            f"The gradient of {' + '.join(phase.trains)} is not finite at step {step + 1}.",
            _REMEDY,
        )


_REMEDY = "Lower optim.lr or set optim.clip, or go on from the checkpoint with train.bf16=false."


def _values(losses: Losses) -> dict[str, float]:
    return {name: loss.value.item() * loss.share for name, loss in losses.items()}


def _total(losses: Losses) -> Tensor:
    return torch.stack([loss.weight * loss.share * loss.value for loss in losses.values()]).sum()


def _check(figures: dict[str, float], what: str, step: int) -> None:
    for name, value in figures.items():
        if not math.isfinite(value):
            raise TrainingError(f"{what} '{name}' is {value} at step {step + 1}.", _REMEDY)


def _length(parameters: Sequence[Tensor]) -> float:
    gradients = [p.grad for p in parameters if p.grad is not None]
    return float(nn.utils.get_total_norm(gradients))


def _own_length(loss: Loss, parameters: Sequence[Tensor]) -> float:
    """Return the length of one loss's weighted gradient."""
    if not loss.value.requires_grad:
        return 0.0
    found = torch.autograd.grad(
        loss.weight * loss.share * loss.value, parameters, retain_graph=True, allow_unused=True
    )
    return float(nn.utils.get_total_norm([g for g in found if g is not None]))


def _shares(losses: Losses, parameters: Sequence[Tensor]) -> dict[str, float]:
    lengths = {name: _own_length(loss, parameters) for name, loss in losses.items()}
    total = sum(lengths.values())
    return {f"share/{name}": length / total for name, length in lengths.items() if total}
