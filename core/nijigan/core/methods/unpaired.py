"""What methods have in common that draw a photo as drawings of something else look."""

from pathlib import Path
from typing import Any, TypeVar

from nijigan.core.data import UnpairedPictures
from nijigan.core.method_config import UnpairedConfig
from nijigan.core.methods.method import Method
from nijigan.core.methods.pictures import open_unpaired
from nijigan.core.models import Generator
from nijigan.core.spread import spread
from nijigan.core.training.samples import validate_unpaired, write_unpaired_grid

V = TypeVar("V")


class Unpaired(Method[UnpairedPictures, V]):
    """A generator from photo to drawing, trained on pictures that are no pairs.

    Pictures at strength 1 learn as the method's paper has it; those below learn the way there, see
    `dial_loss`.
    """

    averaged: Generator
    figures = ("psnr_zero",)
    options: UnpairedConfig

    @property
    def config(self) -> dict[str, Any]:
        """See `Method.config`."""
        return self.averaged.config

    def open_pictures(self) -> UnpairedPictures:
        """See `Method.open_pictures`."""
        return open_unpaired(self.recipe)

    def write_grid(self, pictures: UnpairedPictures, path: Path) -> None:
        """Write a grid of some photos: see `write_unpaired_grid`."""
        config = self.recipe.train
        photos = spread(pictures.photo.shown, config.sample_count)
        drawings = spread(pictures.drawn.shown, config.sample_count)
        write_unpaired_grid(self.averaged, photos, drawings, path, config)

    def validate(self, pictures: UnpairedPictures) -> dict[str, float]:
        """Return the figures of `validate_unpaired`."""
        return validate_unpaired(self.averaged, pictures, self.recipe.train)
