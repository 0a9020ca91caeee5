"""Finds the cheapest solver that is exact enough for a generator."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nijigan.core.errors import ExportError
from nijigan.core.images import pad_to_multiple, read_picture, resize, to_tensor
from nijigan.core.metrics.psnr import tensor_psnr
from nijigan.core.models import Generator
from nijigan.core.ode import FIXED, FixedStep, Solver
from nijigan.export.exact import EXACT

F32 = NDArray[np.float32]

MOST_EVALUATIONS = 64
"""Of the ODE's right-hand side in one block: what is looked for ends here."""
_SIDE = 256


@dataclass(frozen=True)
class Choice:
    """A solver, and how near its drawings come to those of a tight adaptive one."""

    solver: FixedStep
    psnr_db: float
    """Over all photos, peak 2: values run from -1 to 1."""


def cheapest_solver(generator: Generator, photos: Sequence[Path], target_db: float) -> Choice:
    """Return the solver of the fewest evaluations that reaches a PSNR on photos.

    Photos are reduced to 256×256 and drawn at strength 1. What is tried first is what costs least;
    among equals, the solver of the lowest order.

    Args:
        generator: with ODE blocks; it is not changed.
        photos: some; three are enough to tell.
        target_db: of the drawings against those of dopri5 with tolerances of 1e-5.

    Raises:
        ExportError: the generator has no ODE, or nothing up to 64 evaluations reaches the target.
    """
    if generator.solver is None:
        raise ExportError(
            "--target-psnr asks for a solver, and the generator has no ODE.", "Leave it out."
        )
    network = copy.deepcopy(generator).eval()
    multiple = network.input_multiple
    images = [
        to_tensor(pad_to_multiple(resize(read_picture(photo).rgb, _SIDE, _SIDE), multiple))
        for photo in photos
    ]
    exact = _drawn(network, EXACT, images)
    best = Choice(FIXED["euler"](1), -np.inf)
    for solver in _by_cost():
        error = np.square(_drawn(network, solver, images) - exact).mean(dtype=np.float64)
        best = max(best, Choice(solver, tensor_psnr(float(error))), key=_psnr)
        if best.psnr_db >= target_db:
            return best
    raise ExportError(
        f"No solver of up to {MOST_EVALUATIONS} evaluations reaches {target_db:g} dB; "
        f"{best.solver.name} with {best.solver.steps} steps came to {best.psnr_db:.1f} dB.",
        "Ask for less, or train with a solver of more steps.",
    )


def _by_cost() -> Iterator[FixedStep]:
    """Yield all solvers and step counts, the cheapest first."""
    solvers = [
        solver(steps) for solver in FIXED.values() for steps in range(1, MOST_EVALUATIONS + 1)
    ]
    yield from sorted(
        (one for one in solvers if one.evaluations <= MOST_EVALUATIONS),
        key=lambda one: one.evaluations,  # sorting is stable: the lowest order first
    )


def _drawn(network: Generator, solver: Solver, images: Sequence[F32]) -> F32:
    network.set_solver(solver)
    with torch.no_grad():
        return np.stack([network(torch.from_numpy(image), 1.0).numpy() for image in images])


def _psnr(choice: Choice) -> float:
    return choice.psnr_db
