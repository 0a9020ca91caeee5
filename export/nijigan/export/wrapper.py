"""What every network is that holds a generator and does something around it."""

from collections.abc import Iterable
from typing import Any

from torch import nn

from nijigan.core.models import Generator
from nijigan.core.ode import Solver


class Wrapper(Generator):
    """A generator around another one, whose properties it has."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator
        self.input_multiple = generator.input_multiple

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
