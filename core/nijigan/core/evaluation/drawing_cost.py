"""What drawing takes: time and memory, each source in a process of its own.

The process imports nothing but what its source needs, for that is in its memory too.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageOps

from nijigan.core.drawers import Drawer, Pixels, open_drawer
from nijigan.core.errors import NijiganError, UsageError
from nijigan.core.machine import peak_memory_mib

SIDE = 256
"""Of the squares that are drawn, in pixels."""
FEW, MANY = 5, 50
"""Pictures that are timed, as in the report on NijiGAN."""


@dataclass(frozen=True)
class DrawingCost:
    """Of one source, for squares of 256×256."""

    few_seconds: float
    """For 5 pictures, drawn one by one after one that is not timed."""
    many_seconds: float
    """For 50, these among them."""
    peak_mib: float | None
    """The most memory that the process held, its libraries too; None where nothing tells."""


def time_drawing(
    source: str, solver: str, photos: Iterable[Pixels], pictures: int = MANY
) -> DrawingCost:
    """Open a source in a fresh process and draw there.

    Args:
        source: see `open_drawer`.
        solver: `NAME:STEPS` for a checkpoint's ODE, or nothing for its own.
        photos: their middle squares are drawn, and drawn again if there are fewer than `pictures`.
        pictures: how many are drawn.

    Raises:
        UsageError: the process failed.
    """
    squares = [_square(photo) for photo in islice(photos, pictures)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "squares.npy"
        np.save(path, np.stack(list(islice(cycle(squares), pictures))))
        command = [sys.executable, "-m", __name__, source, solver, str(path)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise UsageError(f"'{source}' could not be timed: {last}", "Draw a picture with it first.")
    return DrawingCost(**json.loads(result.stdout))


def solve_with(drawer: Drawer, solver: str) -> None:
    """Make what draws with a checkpoint's ODE solve it by `NAME:STEPS`.

    Raises:
        UsageError: it is no such text, no such solver, or there is no ODE to solve anew.
    """
    from nijigan.core.network_drawer import NetworkDrawer
    from nijigan.core.ode import solver_from_name

    name, _, steps = solver.partition(":")
    if not (name and steps.isdecimal()):
        raise UsageError(f"'{solver}' is no solver.", "Write NAME:STEPS, as in euler:1.")
    if not (isinstance(drawer, NetworkDrawer) and drawer.solver):
        raise UsageError(f"'{drawer.name}' has no ODE that could be solved otherwise.", "")
    drawer.solve_with(solver_from_name(name, int(steps)))


def _square(photo: Pixels) -> Pixels:
    return np.asarray(ImageOps.fit(Image.fromarray(photo), (SIDE, SIDE)))


def _draw_here(source: str, solver: str, path: str) -> DrawingCost:
    drawer = open_drawer(source)
    if solver:
        solve_with(drawer, solver)
    squares = np.load(path)
    drawer.draw(squares[0])
    began = time.perf_counter()
    few = 0.0
    for count, square in enumerate(squares, start=1):
        drawer.draw(square)
        if count == min(FEW, len(squares)):
            few = time.perf_counter() - began
    return DrawingCost(few, time.perf_counter() - began, peak_memory_mib())


if __name__ == "__main__":
    try:
        print(json.dumps(vars(_draw_here(*sys.argv[1:]))))
    except NijiganError as error:
        sys.exit(str(error))
