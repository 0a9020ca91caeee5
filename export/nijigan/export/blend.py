"""Gives a strength to generators that were trained at strength 1 alone."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from nijigan.core.models import Generator
from nijigan.core.ode import Solver


class Blend(Generator):
    """Mixes the drawing with its photo: image + strength · (drawn - image).

    A stand-in for the ODE's own strength, which means something only where it was trained.
    """

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator
        self.input_multiple = generator.input_multiple

    def forward(self, image: Tensor, strength: float | Tensor = 1.0) -> Tensor:
        """Return `(N, 3, H, W)` in [-1, 1]; `strength` is a number or a scalar tensor, 0…1."""
        drawn: Tensor = self.generator(image)
        return image + strength * (drawn - image)

    @property
    def config(self) -> dict[str, Any]:
        """The generator's."""
        return self.generator.config

    @property
    def fixed_size(self) -> int | None:
        """The generator's."""
        return self.generator.fixed_size

    @property
    def solver(self) -> Solver | None:
        """The generator's."""
        return self.generator.solver

    def set_solver(self, solver: Solver) -> None:
        """Set the generator's."""
        self.generator.set_solver(solver)

    def path(self) -> Iterable[nn.Module]:
        """The generator's."""
        return self.generator.path()
