"""Opens the pictures that a recipe names, as each kind of method wants them."""

from nijigan.core.config import Recipe
from nijigan.core.data import PairedPictures, SemiPictures, UnpairedPictures


def open_pairs(recipe: Recipe) -> PairedPictures:
    """Return photos with their drawings.

    Raises:
        DataError, ImageError: see `PairedPictures`.
    """
    data = recipe.data
    return PairedPictures(data.folder, data.crop, data.batch, data.flip, recipe.train.seed)


def open_unpaired(recipe: Recipe) -> UnpairedPictures:
    """Return photos, and drawings of something else.

    Raises:
        DataError, ImageError: see `UnpairedPictures`.
    """
    data = recipe.data
    return UnpairedPictures(data.folder, data.crop, data.batch, data.flip, recipe.train.seed)


def open_semi(recipe: Recipe) -> SemiPictures:
    """Return pairs, and unpaired pictures beside them.

    Raises:
        DataError, ImageError: see `SemiPictures`.
    """
    data = recipe.data
    return SemiPictures(data.folder, data.crop, data.batch, data.flip, recipe.train.seed)
