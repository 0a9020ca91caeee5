"""Solvers by name, as recipes, checkpoints and the command line write them."""

from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode.adaptive import Adaptive
from nijigan.core.ode.block import Solver
from nijigan.core.ode.solvers import RK4, Dopri5, Euler, FixedStep, Heun, Midpoint

FIXED: dict[str, type[FixedStep]] = {
    solver.name: solver for solver in (Euler, Midpoint, Heun, RK4, Dopri5)
}


def solver_from_name(name: str, steps: int = 1, adaptive: Adaptive | None = None) -> Solver:
    """Return the solver `name`: a fixed one in `steps` steps, or `adaptive`, which chooses its own.

    Args:
        name: `euler`, `midpoint`, `heun`, `rk4`, `dopri5` or `adaptive`.
        steps: steps of a fixed solver.
        adaptive: what `adaptive` means; without, `Adaptive()`.

    Raises:
        ConfigError: no solver of that name, or a number of steps below 1.
    """
    if name == Adaptive.name:
        return adaptive or Adaptive()
    if name not in FIXED:
        raise ConfigError(f"No solver '{name}'.", did_you_mean(name, [*FIXED, Adaptive.name]))
    return FIXED[name](steps)
