"""Strength as a dial: what a generator must draw at strengths below 1."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nijigan.core.config import SolverConfig, StrengthConfig
from nijigan.core.models import Generator
from nijigan.core.ode import Solver, solver_from_name
from nijigan.core.training.part import Part
from nijigan.core.training.update import Loss, Losses


def draw_strengths(config: StrengthConfig, count: int, rng: np.random.Generator) -> Tensor:
    """Return one strength per picture, `(count,)` float32: exactly 0, exactly 1, or between."""
    kind = rng.random(count)
    between = rng.random(count)
    drawn = np.where(
        kind < config.zero, 0.0, np.where(kind < config.zero + config.one, 1.0, between)
    )
    return torch.from_numpy(drawn.astype(np.float32))


def check_solvers(config: SolverConfig) -> None:
    """Refuse a mix with a solver that there is none of: it may be drawn first after hours.

    Raises:
        ConfigError: so it is.
    """
    for name, steps, _ in config.mix:
        solver_from_name(name, steps)


def draw_solver(config: SolverConfig, own: Solver, rng: np.random.Generator) -> Solver:
    """Return the solver of one batch: one of the mix, by weight, or the model's own without one."""
    if not config.mix:
        return own
    weights = np.array([weight for _, _, weight in config.mix])
    name, steps, _ = config.mix[rng.choice(len(weights), p=weights / weights.sum())]
    return solver_from_name(name, steps)


def mixture(photo: Tensor, drawn: Tensor, strength: Tensor) -> Tensor:
    """Return (1 - s) photo + s drawn, `(N, 3, H, W)`, for strengths `(N,)`."""
    return torch.lerp(photo, drawn, strength.view(-1, 1, 1, 1))


def dial_losses(
    output: Tensor, source: Tensor, part: Part[Any], averaged: Generator, weight: float
) -> Losses:
    """Return `dial_loss` of a part's pictures at strengths below 1; empty where there are none.

    Args:
        output: what the generator made of `source`, all pictures, `(N, 3, H, W)`.
        source: what it was drawn from.
        part: the strengths of these pictures.
        averaged: the moving average of the generator.
        weight: of the loss; 0 leaves it out.
    """
    rest = ~part.full
    if not rest.any() or not weight:
        return {}
    loss = dial_loss(output[rest], source[rest], part.strength[rest], averaged)
    return {"dial": Loss(loss, weight, part.rest_share)}


def dial_loss(output: Tensor, photo: Tensor, strength: Tensor, averaged: Generator) -> Tensor:
    """Return the mean absolute difference of `output` to the mixture of photo and full drawing.

    Without a pair, the full drawing is what the averaged network makes of the photo: it is steadier
    than the network itself. At strength 0 the mixture is the photo.

    Args:
        output: drawn at strengths below 1, `(N, 3, H, W)`.
        photo: what it was drawn from.
        strength: `(N,)`.
        averaged: the moving average of the generator; no gradient reaches it.
    """
    with torch.no_grad():
        target = mixture(photo, averaged(photo, 1.0), strength)
    return functional.l1_loss(output, target)
