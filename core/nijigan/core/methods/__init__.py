"""Training methods, one per file, by name."""

from typing import Any

from nijigan.core.config import Recipe
from nijigan.core.methods.arbitrary import Arbitrary as Arbitrary
from nijigan.core.methods.cut import CUT as CUT
from nijigan.core.methods.method import Method as Method
from nijigan.core.methods.nijigan import NijiGANMethod as NijiGANMethod
from nijigan.core.methods.pix2pix import Pix2Pix as Pix2Pix
from nijigan.core.training.world import World

_METHODS: dict[str, type[Method[Any, Any]]] = {
    "nijigan": NijiGANMethod,
    "cut": CUT,
    "fastcut": CUT,
    "pix2pix": Pix2Pix,
    "arbitrary": Arbitrary,
}


def method_names() -> list[str]:
    """Return the names of the methods, sorted."""
    return sorted(_METHODS)


def create_method(recipe: Recipe, world: World = World()) -> Method[Any, Any]:  # noqa: B008
    """Return the method of a recipe, its networks freshly initialized."""
    return _METHODS[recipe.method.name](recipe, world)
