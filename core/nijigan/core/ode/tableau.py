"""The coefficients of an explicit Runge-Kutta method, and the one loop that steps it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

Time = float | Tensor
"""A time or a step: a number, a scalar tensor, or one per picture, `(N, 1, 1, 1)`."""

Slope = Callable[[Time, Tensor], Tensor]
"""The right-hand side f(t, y) of dy/dt = f(t, y)."""


@dataclass(frozen=True)
class ButcherTableau:
    """An explicit Runge-Kutta method: k_i = f(t + c_i h, y + h Σ_j a_ij k_j), y += h Σ_i b_i k_i.

    `a` has one row per stage, row i with i entries (Hairer, Norsett, Wanner, "Solving Ordinary
    Differential Equations I", II.1).
    """

    a: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    c: tuple[float, ...]
    order: int

    @property
    def stages(self) -> int:
        """How often one step evaluates f."""
        return len(self.b)

    def step(self, f: Slope, t: Time, h: Time, y: Tensor) -> Tensor:
        """Return y(t + h) from y(t). No control flow depends on data, so it also traces."""
        slopes: list[Tensor] = []
        for row, c in zip(self.a, self.c, strict=True):
            slopes.append(f(t + c * h, _advance(y, h, row, slopes)))
        return _advance(y, h, self.b, slopes)


def _advance(y: Tensor, h: Time, weights: Sequence[float], slopes: Sequence[Tensor]) -> Tensor:
    """Return y + h Σ w k, one multiplication and one sum over the whole state for each slope.

    Zero weights and factors of one leave no operator in a traced graph.
    """
    for w, k in zip(weights, slopes, strict=True):
        if w != 0.0:
            factor = h if w == 1.0 else h * w
            y = y + (k if isinstance(factor, float) and factor == 1.0 else factor * k)
    return y


EULER = ButcherTableau(a=((),), b=(1.0,), c=(0.0,), order=1)

MIDPOINT = ButcherTableau(a=((), (1 / 2,)), b=(0.0, 1.0), c=(0.0, 1 / 2), order=2)

HEUN = ButcherTableau(a=((), (1.0,)), b=(1 / 2, 1 / 2), c=(0.0, 1.0), order=2)

# Kutta (1901), the 3/8 rule; not the method of the same paper that is called the classical one.
RK4 = ButcherTableau(
    a=((), (1 / 3,), (-1 / 3, 1.0), (1.0, -1.0, 1.0)),
    b=(1 / 8, 3 / 8, 3 / 8, 1 / 8),
    c=(0.0, 1 / 3, 2 / 3, 1.0),
    order=4,
)

# Dormand and Prince (1980), the six stages of the fifth-order solution; the seventh serves only the
# error estimate, which a fixed step does not use.
DOPRI5 = ButcherTableau(
    a=(
        (),
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    ),
    b=(35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    c=(0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0),
    order=5,
)
