"""Gives a strength to generators that were trained at strength 1 alone."""

from torch import Tensor

from nijigan.export.wrapper import Wrapper


class Blend(Wrapper):
    """Mixes the drawing with its photo: image + strength · (drawn - image).

    A stand-in for the ODE's own strength, which means something only where it was trained.
    """

    def forward(self, image: Tensor, strength: float | Tensor = 1.0) -> Tensor:
        """Return `(N, 3, H, W)` in [-1, 1]; `strength` is a number or a scalar tensor, 0…1."""
        drawn: Tensor = self.generator(image)
        return image + strength * (drawn - image)
