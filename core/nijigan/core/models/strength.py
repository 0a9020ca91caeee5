"""Strength in a residual network: the share of each residual branch that is added, 0…1."""

from torch import Tensor

from nijigan.core.ode import Time


def per_picture(strength: Time) -> Time:
    """Return a strength that multiplies `(N, C, H, W)`: `(N,)`, one per picture, gets that shape.

    A number or a scalar tensor stays as it is.
    """
    if isinstance(strength, Tensor) and strength.dim() == 1:
        return strength.view(-1, 1, 1, 1)
    return strength
