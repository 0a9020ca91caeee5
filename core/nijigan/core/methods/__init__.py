"""Training methods, one per file, by name."""

from nijigan.core.config import Recipe
from nijigan.core.errors import ConfigError
from nijigan.core.methods.method import Method as Method
from nijigan.core.methods.pix2pix import Pix2Pix as Pix2Pix
from nijigan.core.nearest import did_you_mean

_METHODS: dict[str, type[Method]] = {"pix2pix": Pix2Pix}


def create_method(recipe: Recipe) -> Method:
    """Return the method of a recipe, its networks freshly initialized.

    Raises:
        ConfigError: no method of that name.
    """
    if recipe.method.name not in _METHODS:
        raise ConfigError(
            f"No method '{recipe.method.name}'.", did_you_mean(recipe.method.name, _METHODS)
        )
    return _METHODS[recipe.method.name](recipe)
