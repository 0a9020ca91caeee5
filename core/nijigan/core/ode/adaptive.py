"""The adaptive solver: a reference to compare with and a choice in training, never for export."""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode.tableau import Slope, Time

METHODS = ("adaptive_heun", "bosh3", "dopri5", "dopri8", "fehlberg2")
"""torchdiffeq's methods that choose their own steps; its others would take the interval in one."""


class _Rescaled(nn.Module):
    """dy/du = t1 f(t1 u, y) for u in [0, 1]: pictures with different ends share one interval.

    The slope has the type of y, whatever f computes in.
    """

    def __init__(self, f: Slope, t1: Time) -> None:
        super().__init__()
        self.f = f
        self.t1 = t1

    def forward(self, u: Tensor, y: Tensor) -> Tensor:
        return (self.t1 * self.f(self.t1 * u, y)).to(y.dtype)


@dataclass(frozen=True)
class Adaptive:
    """Integrate with a torchdiffeq method that chooses its own steps.

    The error is measured over the whole batch, so a picture's result depends on its batch mates and
    on its size. Use the fixed solvers to serve and to export.

    Args:
        method: one of `METHODS`.
        rtol: tolerated error of a step, as a share of the state; the tolerances here are for
            pictures, torchdiffeq's own are far tighter.
        atol: tolerated error of a step, in units of the state.
        adjoint: the backward pass solves a second equation instead of storing activations (Chen et
            al. 2018): less memory, more time, gradients as exact as the tolerances. f must then be
            an `nn.Module`; its BatchNorms, where they train, see every state a second time.

    Raises:
        ConfigError: another method, or a tolerance that is not above 0.
    """

    method: str = "dopri5"
    rtol: float = 1e-3
    atol: float = 1e-3
    adjoint: bool = False

    name: ClassVar[str] = "adaptive"

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ConfigError(
                f"No adaptive method '{self.method}'.", did_you_mean(self.method, METHODS)
            )
        for key, tolerance in (("rtol", self.rtol), ("atol", self.atol)):
            if not 0 < tolerance < math.inf:
                raise ConfigError(f"'{key}' is {tolerance}.", "Give a number above 0, 1e-3, say.")

    def integrate(self, f: Slope, y0: Tensor, t1: Time = 1.0) -> Tensor:
        """Return y(t1) of dy/dt = f(t, y), y(0) = y0; shapes as in `FixedStep.integrate`.

        Raises:
            ConfigError: `adjoint` with an f that is no `nn.Module`, whose weights are not known.
        """
        from torchdiffeq import odeint, odeint_adjoint

        if y0.dtype in (torch.bfloat16, torch.float16):
            # Under autocast f computes in half precision; states and times must not: torchdiffeq
            # asks for the smallest change of a time, which torch does not have in half precision.
            y0 = y0.float()
        ends = torch.tensor([0.0, 1.0], dtype=y0.dtype, device=y0.device)
        slope = _Rescaled(f, t1)
        how = {"rtol": self.rtol, "atol": self.atol, "method": self.method}
        states: Tensor
        if not self.adjoint:
            states = odeint(slope, y0, ends, **how)
            return states[-1]
        if not isinstance(f, nn.Module):
            raise ConfigError("The adjoint of an f that is no nn.Module.", "Make f a module.")
        # t1 is no parameter of f, so that torchdiffeq would not find it.
        learned = [*f.parameters(), *([t1] if isinstance(t1, Tensor) else [])]
        states = odeint_adjoint(slope, y0, ends, adjoint_params=learned, **how)
        return states[-1]
