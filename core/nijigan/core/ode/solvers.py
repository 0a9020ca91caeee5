"""Fixed-step solvers as frozen values: the same code trains, serves as reference and exports."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from nijigan.core.errors import ConfigError
from nijigan.core.ode import tableau
from nijigan.core.ode.tableau import ButcherTableau, Slope, Time


@dataclass(frozen=True)
class FixedStep:
    """Integrate in `steps` equal steps of a Runge-Kutta method.

    Use these for training, serving and export. They treat every picture of a batch on its own and
    always evaluate f equally often, which an adaptive solver does not.

    Raises:
        ConfigError: `steps` is below 1.
    """

    steps: int = 1

    name: ClassVar[str]
    tableau: ClassVar[ButcherTableau]

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ConfigError(f"A solver of {self.steps} steps.", "Give 1 or more.")

    @property
    def evaluations(self) -> int:
        """How often one `integrate` evaluates f."""
        return self.steps * self.tableau.stages

    def integrate(self, f: Slope, y0: Tensor, t1: Time = 1.0) -> Tensor:
        """Return y(t1) of dy/dt = f(t, y), y(0) = y0.

        Args:
            f: takes (t, y), returns dy/dt in the shape of y.
            y0: state, `(N, C, H, W)` or any shape.
            t1: end of the interval: a number, a scalar tensor, or `(N, 1, 1, 1)`, one per picture.
        """
        h = t1 / self.steps
        y = y0
        for i in range(self.steps):
            y = self.tableau.step(f, i * h, h, y)
        return y


@dataclass(frozen=True)
class Euler(FixedStep):
    """First order, one evaluation a step. One step is a residual block: y + f(y)."""

    name = "euler"
    tableau = tableau.EULER


@dataclass(frozen=True)
class Midpoint(FixedStep):
    """Second order, two evaluations a step, the second halfway."""

    name = "midpoint"
    tableau = tableau.MIDPOINT


@dataclass(frozen=True)
class Heun(FixedStep):
    """Second order, two evaluations a step, the mean of both ends. Not Heun's third-order one."""

    name = "heun"
    tableau = tableau.HEUN


@dataclass(frozen=True)
class RK4(FixedStep):
    """Fourth order, four evaluations a step: Kutta's 3/8 rule, as torchdiffeq's `rk4`."""

    name = "rk4"
    tableau = tableau.RK4


@dataclass(frozen=True)
class Dopri5(FixedStep):
    """Fifth order, six evaluations a step: Dormand and Prince without the error estimate."""

    name = "dopri5"
    tableau = tableau.DOPRI5
