"""What a solver costs and what it gives: every solver and step count on the same weights.

A drawing by a solver is compared with the reference, an adaptive solver with tight tolerances in
float64. How exact that is depends on the network, whose f has the kinks of its ReLUs: so it is
measured too, against tolerances a hundred times as tight.
"""

import copy
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from nijigan.core.checkpoint import CheckpointInfo, load_generator
from nijigan.core.datasets.photos import find_photos
from nijigan.core.errors import CheckpointError
from nijigan.core.images import read_picture, to_tensor
from nijigan.core.models import Generator
from nijigan.core.models.summary import ODECost, summarize
from nijigan.core.ode import FIXED, Adaptive, Solver, counting_evaluations
from nijigan.core.spread import spread
from nijigan.core.training.samples import psnr

REFERENCE = Adaptive("dopri5", rtol=1e-6, atol=1e-6)
TIGHTER = Adaptive("dopri5", rtol=1e-8, atol=1e-8)
STEPS = (1, 2, 3, 4, 8)
TOLERANCES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class SolverRow:
    """One solver on all photos."""

    solver: str
    steps: int | None
    """Of a fixed solver."""
    tolerance: float | None
    """Both rtol and atol of an adaptive one."""
    psnr_db: float
    """Against the reference on [-1, 1] (range 2): mean over the photos."""
    psnr_min_db: float
    evaluations: float
    """Of f in one ODE block, mean over blocks and photos."""
    evaluations_total: float
    """In all blocks, mean over the photos."""
    gmacs: float
    """10⁹ multiply-accumulates of convolutions for one picture, mean over the photos."""
    milliseconds: float
    """To draw one picture: median."""


@dataclass(frozen=True)
class SolverStudy:
    """All solvers, and what they were tried with."""

    network: CheckpointInfo
    parameters: int
    blocks: int
    width: int
    height: int
    photos: tuple[str, ...]
    threads: int
    reference_db: float
    """PSNR of the reference itself, against `TIGHTER`, on the first photo. A solver's PSNR that
    comes near it says no more than that the solver is as exact as the reference."""
    rows: tuple[SolverRow, ...]


def study_solvers(
    checkpoint: Path,
    photos: Path,
    width: int,
    height: int,
    count: int = 10,
    progress: Progress | None = None,
) -> SolverStudy:
    """Draw photos with every solver and compare.

    Photos are cut to the middle of the asked proportion and resized. All solvers take turns on each
    photo, so that whatever else the machine does meets all of them alike; before, each draws the
    first photo once, untimed.

    Args:
        checkpoint: a run folder, a checkpoint folder or a `.safetensors` file.
        photos: a folder; taken with its subfolders.
        width, height: of the photos that are drawn, in pixels; multiples of the network's.
        count: draw so many of the photos at most, spread evenly over the sorted list.
        progress: is told the part that is done, 0…1, and what is being done.

    Raises:
        CheckpointError: no checkpoint, or a network without ODE blocks.
        ConfigError: a size that the network does not take.
        DataError: no photos.
        ImageError: a photo cannot be read.
    """
    generator, info = load_generator(checkpoint)
    summary = summarize(info.name, (height, width), **info.config)
    if summary.ode is None:
        raise CheckpointError(
            f"'{info.name}' has no ODE blocks to solve.", "Give a checkpoint of 'nijigan'."
        )
    chosen = spread(find_photos(photos), count)
    pictures = [_fitted(photo.photo, width, height) for photo in chosen]
    runs = [_Run(solver) for solver in all_solvers()]
    for run in runs:
        run.draw(generator, pictures[0])
    exact = copy.deepcopy(generator).double()
    reference_db = psnr(*(_exactly(exact, solver, pictures[0]) for solver in (REFERENCE, TIGHTER)))
    for number, picture in enumerate(pictures):
        reference = _exactly(exact, REFERENCE, picture)
        for run in runs:
            run.measure(generator, picture, reference)
        if progress:
            progress((number + 1) / len(pictures), f"{number + 1} of {len(pictures)} photos")
    return SolverStudy(
        network=info,
        parameters=summary.parameters,
        blocks=summary.ode.blocks,
        width=width,
        height=height,
        photos=tuple(photo.name for photo in chosen),
        threads=torch.get_num_threads(),
        reference_db=reference_db,
        rows=tuple(run.row(summary.macs_outside_odes, summary.ode) for run in runs),
    )


def all_solvers() -> list[Solver]:
    """Every fixed solver in each of `STEPS`, then dopri5 that adapts, at each of `TOLERANCES`."""
    fixed = [solver(steps) for solver in FIXED.values() for steps in STEPS]
    return [*fixed, *(Adaptive("dopri5", rtol=t, atol=t) for t in TOLERANCES)]


class _Run:
    """A solver, and what was measured of it on each photo."""

    def __init__(self, solver: Solver) -> None:
        self.solver = solver
        self.seconds: list[float] = []
        self.decibels: list[float] = []
        self.evaluations: list[int] = []

    def draw(self, generator: Generator, picture: Tensor) -> Tensor:
        generator.set_solver(self.solver)
        with torch.inference_mode():
            return generator.draw(picture)

    def measure(self, generator: Generator, picture: Tensor, reference: Tensor) -> None:
        with counting_evaluations(generator) as counts:
            began = time.perf_counter()
            drawn = self.draw(generator, picture)
            self.seconds.append(time.perf_counter() - began)
        self.evaluations.append(sum(counts.values()))
        self.decibels.append(psnr(drawn.double(), reference))

    def row(self, outside: int, ode: ODECost) -> SolverRow:
        total = statistics.fmean(self.evaluations)
        return SolverRow(
            solver=self.solver.name,
            steps=None if isinstance(self.solver, Adaptive) else self.solver.steps,
            tolerance=self.solver.rtol if isinstance(self.solver, Adaptive) else None,
            psnr_db=statistics.fmean(self.decibels),
            psnr_min_db=min(self.decibels),
            evaluations=total / ode.blocks,
            evaluations_total=total,
            gmacs=(outside + total / ode.blocks * ode.macs_per_evaluation) / 1e9,
            milliseconds=1000 * statistics.median(self.seconds),
        )


def _exactly(generator: Generator, solver: Solver, picture: Tensor) -> Tensor:
    """Draw in float64, of which `generator` is."""
    generator.set_solver(solver)
    with torch.inference_mode():
        return generator.draw(picture.double())


def _fitted(path: Path, width: int, height: int) -> Tensor:
    """Return a photo's middle in the proportion and at the size that are asked for."""
    image = Image.fromarray(read_picture(path).rgb)
    fitted = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    return torch.from_numpy(to_tensor(np.asarray(fitted)))
