"""What methods have in common that draw a photo as drawings of something else look."""

from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor

from nijigan.core.data import Batch, UnpairedPictures
from nijigan.core.method_config import UnpairedConfig
from nijigan.core.methods.dial import dial_loss
from nijigan.core.methods.method import Method
from nijigan.core.methods.pictures import open_unpaired
from nijigan.core.models import Generator
from nijigan.core.training.part import Part
from nijigan.core.training.samples import spread, validate_unpaired, write_unpaired_grid
from nijigan.core.training.update import Loss, Losses

V = TypeVar("V")


class Unpaired(Method[UnpairedPictures, V]):
    """A generator from photo to drawing, trained on pictures that are no pairs.

    Pictures at strength 1 learn as the method's paper has it; those below learn the way there, see
    `dial_loss`.
    """

    averaged: Generator
    options: UnpairedConfig

    @property
    def config(self) -> dict[str, Any]:
        """See `Method.config`."""
        return self.averaged.config

    def open_pictures(self) -> UnpairedPictures:
        """See `Method.open_pictures`."""
        return open_unpaired(self.recipe)

    def dial(self, part: Part[Batch], output: Tensor) -> Losses:
        """Return the loss of what was drawn at strengths below 1; empty where nothing was.

        Args:
            part: the photos and their strengths.
            output: what the generator made of them, `(N, 3, H, W)`.
        """
        rest = ~part.full
        if not rest.any() or not self.options.dial:
            return {}
        loss = dial_loss(output[rest], part.batch.photo[rest], part.strength[rest], self.averaged)
        return {"dial": Loss(loss, self.options.dial, part.rest_share)}

    def write_grid(self, pictures: UnpairedPictures, path: Path) -> None:
        """Write a grid of some photos: see `write_unpaired_grid`."""
        config = self.recipe.train
        photos = spread(pictures.photo.shown, config.sample_count)
        drawings = spread(pictures.drawn.shown, config.sample_count)
        write_unpaired_grid(self.averaged, photos, drawings, path, config)

    def validate(self, pictures: UnpairedPictures) -> dict[str, float]:
        """Return the figures of `validate_unpaired`."""
        return validate_unpaired(self.averaged, pictures, self.recipe.train)
