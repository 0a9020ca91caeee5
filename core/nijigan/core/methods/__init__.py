"""Training methods, one per file, by name."""

from typing import Any

from nijigan.core.config import Recipe
from nijigan.core.methods.arbitrary import Arbitrary as Arbitrary
from nijigan.core.methods.method import Method as Method
from nijigan.core.methods.pix2pix import Pix2Pix as Pix2Pix

_METHODS: dict[str, type[Method[Any]]] = {"pix2pix": Pix2Pix, "arbitrary": Arbitrary}


def method_names() -> list[str]:
    """Return the names of the methods, sorted."""
    return sorted(_METHODS)


def create_method(recipe: Recipe) -> Method[Any]:
    """Return the method of a recipe, its networks freshly initialized."""
    return _METHODS[recipe.method.name](recipe)
