"""The adaptive solver: a reference to compare with and a choice in training, never for export."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from nijigan.core.ode.tableau import Slope, Time


class _Rescaled(nn.Module):
    """dy/du = t1 f(t1 u, y) for u in [0, 1]: pictures with different ends share one interval."""

    def __init__(self, f: Slope, t1: Time) -> None:
        super().__init__()
        self.f = f
        self.t1 = t1

    def forward(self, u: Tensor, y: Tensor) -> Tensor:
        return self.t1 * self.f(self.t1 * u, y)


@dataclass(frozen=True)
class Adaptive:
    """Integrate with a torchdiffeq method that chooses its own steps.

    The error is measured over the whole batch, so a picture's result depends on its batch mates and
    on its size. Use the fixed solvers to serve and to export.

    With `adjoint` the backward pass solves a second equation instead of storing activations: less
    memory, more time, approximate gradients. f must then be an `nn.Module`.
    """

    method: str = "dopri5"
    rtol: float = 1e-3
    atol: float = 1e-3
    adjoint: bool = False

    name: ClassVar[str] = "adaptive"

    def integrate(self, f: Slope, y0: Tensor, t1: Time = 1.0) -> Tensor:
        """Return y(t1) of dy/dt = f(t, y), y(0) = y0; shapes as in `FixedStep.integrate`."""
        from torchdiffeq import odeint, odeint_adjoint

        solve = odeint_adjoint if self.adjoint else odeint
        ends = torch.tensor([0.0, 1.0], dtype=y0.dtype, device=y0.device)
        states: Tensor = solve(
            _Rescaled(f, t1), y0, ends, rtol=self.rtol, atol=self.atol, method=self.method
        )
        return states[-1]
