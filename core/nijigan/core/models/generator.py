"""What every generator is: a network from picture to picture that trains, exports and draws."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.images import reflected_to_multiple
from nijigan.core.models.receptive import receptive_radius
from nijigan.core.ode import Solver, Time


class Generator(nn.Module, ABC):
    """Picture in, picture of the same size out."""

    input_multiple: int
    """H and W of a picture must be multiples of this many pixels."""

    has_strength: ClassVar[bool] = True
    """Whether `strength` scales something within; without, any strength is taken for 1."""

    @abstractmethod
    def forward(self, image: Tensor, strength: Time = 1.0) -> Tensor:
        """Return the picture drawn anew, `(N, 3, H, W)` in [-1, 1].

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`, at least 16;
                where there is a `fixed_size`, both are that.
            strength: 0…1: a number, a scalar tensor, or `(N,)`, one per picture.
        """

    def draw(self, image: Tensor, strength: Time = 1.0) -> Tensor:
        """Return pictures of any size from 16 px on drawn anew, `(N, 3, H, W)` in [-1, 1].

        They are reflected at the right and bottom up to the next multiple, and what comes out is
        cut back; a network of one `fixed_size` gets them resized to it, and what comes out is
        resized back.
        """
        height, width = image.shape[-2:]
        if self.fixed_size is not None:
            square = _resized(image, self.fixed_size, self.fixed_size)
            return _resized(self(square, strength), height, width)
        rows, columns = (
            torch.from_numpy(reflected_to_multiple(side, self.input_multiple)).to(image.device)
            for side in (height, width)
        )
        drawn: Tensor = self(image[..., rows[:, None], columns], strength)
        return drawn[..., :height, :width]

    @property
    @abstractmethod
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""

    @property
    def fixed_size(self) -> int | None:
        """The side in pixels of the only square it draws, or None if it draws any size."""
        return None

    @property
    def solver(self) -> Solver | None:
        """The solver of its ODE blocks, or None if it has none."""
        return None

    def set_solver(self, solver: Solver) -> None:
        """Use `solver` in every ODE block from now on; nothing changes where there is none."""

    def set_checkpointing(self, on: bool) -> None:
        """Compute blocks again in the backward pass instead of keeping what is in them.

        Raises:
            ConfigError: the network has no such blocks.
        """
        if on:
            raise ConfigError(
                f"{type(self).__name__} cannot be trained with train.checkpointing.",
                "Set it to false, or use 'nijigan' or a ResNet generator.",
            )

    @abstractmethod
    def path(self) -> Iterable[nn.Module]:
        """Return the layers in order of use, on the way through the network that sees farthest."""

    def receptive_radius(self) -> int:
        """Return how many pixels away the farthest input pixel is that an output pixel sees.

        Norms over the whole picture, which see everything, are not counted.

        Raises:
            ConfigError: there is no limit: an adaptive solver, or a layer that looks at everything.
        """
        try:
            return receptive_radius(self.path(), self.input_multiple)
        except ValueError as error:
            raise ConfigError(str(error), "Set a fixed solver, or draw pictures whole.") from error


def _resized(image: Tensor, height: int, width: int) -> Tensor:
    """Return `(N, C, H, W)` at another size, averaged where it shrinks."""
    if image.shape[-2:] == (height, width):
        return image
    return functional.interpolate(image, (height, width), mode="bilinear", antialias=True)
