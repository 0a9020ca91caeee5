"""Opens the pictures that a recipe names, as each kind of method wants them."""

from nijigan.core.config import DataConfig, Recipe
from nijigan.core.data import (
    PairedPictures,
    PictureStore,
    PlainPictures,
    SemiPictures,
    UnpairedPictures,
)


def open_pairs(recipe: Recipe) -> PairedPictures:
    """Return photos with their drawings.

    Raises:
        DataError, ImageError: see `PairedPictures`.
    """
    data, seed = recipe.data, recipe.train.seed
    return PairedPictures(
        data.folder, data.crop, data.batch, data.flip, seed, data.direction, _store(data)
    )


def open_unpaired(recipe: Recipe) -> UnpairedPictures:
    """Return photos, and drawings of something else.

    Raises:
        DataError, ImageError: see `UnpairedPictures`.
    """
    data, seed = recipe.data, recipe.train.seed
    return UnpairedPictures(data.folder, data.crop, data.batch, data.flip, seed, _store(data))


def open_semi(recipe: Recipe) -> SemiPictures:
    """Return pairs, and unpaired pictures beside them.

    Raises:
        DataError, ImageError: see `SemiPictures`.
    """
    data, seed = recipe.data, recipe.train.seed
    return SemiPictures(
        data.folder, data.crop, data.batch, data.flip, seed, data.direction, _store(data)
    )


def open_plain(recipe: Recipe) -> PlainPictures:
    """Return pictures of one kind.

    Raises:
        DataError, ImageError: see `PlainPictures`.
    """
    data, seed = recipe.data, recipe.train.seed
    return PlainPictures(data.folder, data.crop, data.batch, data.flip, seed, _store(data))


def _store(data: DataConfig) -> PictureStore:
    return PictureStore(data.load, data.square, data.center, data.memory)
