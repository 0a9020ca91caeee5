"""Holds a generator to pictures of one size, for engines that want to know it beforehand."""

from torch import Tensor

from nijigan.core.errors import UsageError
from nijigan.core.images import MIN_SIDE
from nijigan.core.models import Generator
from nijigan.export.wrapper import Wrapper


class OneSize(Wrapper):
    """A generator that takes squares of `side` pixels alone.

    Raises:
        UsageError: the generator has another fixed size, or cannot draw squares of that side.
    """

    def __init__(self, generator: Generator, side: int) -> None:
        super().__init__(generator)
        if generator.fixed_size not in (None, side):
            raise UsageError(
                f"The generator draws {generator.fixed_size} pixels alone, not {side}.",
                "Leave --fixed-size out.",
            )
        if side < MIN_SIDE or side % self.input_multiple:
            raise UsageError(
                f"The fixed size is {side} pixels.",
                f"Give a multiple of {self.input_multiple}, at least {MIN_SIDE}.",
            )
        self._side = side

    @property
    def fixed_size(self) -> int:
        """The side in pixels."""
        return self._side

    def forward(self, image: Tensor, strength: float | Tensor = 1.0) -> Tensor:
        """Return what the generator draws of `(N, 3, side, side)`."""
        drawn: Tensor = self.generator(image, strength)
        return drawn
