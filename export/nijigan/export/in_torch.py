"""Draws with a generator as it was trained, for what compares engines with it."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nijigan.core.errors import UsageError
from nijigan.core.models import Generator, available
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode import solver_from_name
from nijigan.export.exact import EXACT
from nijigan.export.source import open_source
from nijigan.export.style import Quality
from nijigan.export.styles import style_of

F32 = NDArray[np.float32]

_WAYS = ("torch", "exact")


class InTorch:
    """A generator in torch, on the CPU."""

    def __init__(self, generator: Generator, name: str) -> None:
        self.name = name
        self.input_multiple = generator.input_multiple
        self.fixed_size = generator.fixed_size
        self._generator = generator.eval()

    def draw(self, image: F32, strength: float) -> F32:
        """Draw `(N, 3, H, W)` in [-1, 1]; the result has the same shape."""
        with torch.inference_mode():
            drawn: F32 = self._generator(torch.from_numpy(image), strength).numpy()
            return drawn


def open_in_torch(source: str, way: str, quality: Quality | None) -> InTorch:
    """Open a run, a checkpoint or a registered network.

    Args:
        source: see `open_source`.
        way: `torch`, with the solver of `quality`, or its own where that is None; `exact`, with a
            tight adaptive one.
        quality: of the style that it is to be compared with.

    Raises:
        UsageError: the source is nothing, or there is no such way.
        CheckpointError, ExportError: see `open_source`.
    """
    if way not in _WAYS:
        raise UsageError(
            f"'{source}' is no style, and {way!r} does not run checkpoints.",
            did_you_mean(way, _WAYS),
        )
    if source not in available() and not Path(source).exists() and style_of(source) is None:
        raise UsageError(
            f"'{source}' is no style, run, checkpoint or network.",
            "`nijigan styles list` shows the styles, `nijigan models list` the networks.",
        )
    generator = open_source(source).generator
    if generator.solver is not None:
        if way == "exact":
            generator.set_solver(EXACT)
        elif quality is not None and quality.solver != "none":
            generator.set_solver(solver_from_name(quality.solver, quality.steps))
    return InTorch(generator, f"{source}@{way}")
