"""The layer that integrates: h(0) in, h(t1) out."""

from torch import Tensor, nn

from nijigan.core.ode.adaptive import Adaptive
from nijigan.core.ode.solvers import FixedStep
from nijigan.core.ode.tableau import Time

Solver = FixedStep | Adaptive


class ODEBlock(nn.Module):
    """Return h(t1) of dh/dt = f(t, h), h(0) = h: endless residual blocks that share weights.

    `solver` is a value and may be swapped at any time; it holds no weights.
    """

    def __init__(self, f: nn.Module, solver: Solver) -> None:
        super().__init__()
        self.f = f
        self.solver = solver

    def forward(self, h: Tensor, t1: Time = 1.0) -> Tensor:
        """Integrate `(N, C, H, W)` over [0, t1]; t1 a number, a scalar tensor or `(N, 1, 1, 1)`."""
        return self.solver.integrate(self.f, h, t1)
