"""Gives a strength to generators that were trained at strength 1 alone."""

from torch import Tensor, nn

from nijigan.core.checkpoint import CheckpointInfo
from nijigan.core.models import NijiGAN
from nijigan.core.ode import Solver


class Blend(nn.Module):
    """Mixes the drawing with its photo: image + strength · (drawn - image).

    A stand-in for the ODE's own strength, which means something only where it was trained.
    """

    def __init__(self, generator: NijiGAN) -> None:
        super().__init__()
        self.generator = generator
        self.input_multiple = generator.input_multiple

    def forward(self, image: Tensor, strength: float | Tensor = 1.0) -> Tensor:
        """Return `(N, 3, H, W)` in [-1, 1]; `strength` is a number or a scalar tensor, 0…1."""
        drawn: Tensor = self.generator(image)
        return image + strength * (drawn - image)

    @property
    def solver(self) -> Solver:
        """The generator's."""
        return self.generator.solver

    def set_solver(self, solver: Solver) -> None:
        """Set the generator's."""
        self.generator.set_solver(solver)

    def receptive_radius(self) -> int:
        """The generator's, in pixels."""
        return self.generator.receptive_radius()


Exportable = NijiGAN | Blend
"""What can become a style."""


def with_strength(generator: NijiGAN, info: CheckpointInfo) -> Exportable:
    """The generator itself where its recipe drew strengths below 1, else a `Blend` of it."""
    strength = info.recipe.get("strength", {})
    return generator if strength.get("one", 1.0) < 1.0 else Blend(generator)
