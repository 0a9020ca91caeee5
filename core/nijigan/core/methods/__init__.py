"""Training methods, one per file, by name."""

from typing import Any

from nijigan.core.config import Recipe
from nijigan.core.errors import ConfigError
from nijigan.core.methods.arbitrary import Arbitrary as Arbitrary
from nijigan.core.methods.cut import CUT as CUT
from nijigan.core.methods.cyclegan import CycleGAN as CycleGAN
from nijigan.core.methods.dial import check_solvers
from nijigan.core.methods.distill import Distill as Distill
from nijigan.core.methods.method import Method as Method
from nijigan.core.methods.nijigan import NijiGANMethod as NijiGANMethod
from nijigan.core.methods.pix2pix import Pix2Pix as Pix2Pix
from nijigan.core.methods.ugatit import UGATITMethod as UGATITMethod
from nijigan.core.methods.unpaired import Unpaired as Unpaired
from nijigan.core.methods.vae import VAE as VAE
from nijigan.core.methods.vqi2i import VQI2IMethod as VQI2IMethod
from nijigan.core.training.figures import check_watched
from nijigan.core.training.world import World

_METHODS: dict[str, type[Method[Any, Any]]] = {
    "nijigan": NijiGANMethod,
    "cut": CUT,
    "fastcut": CUT,
    "cyclegan": CycleGAN,
    "ugatit": UGATITMethod,
    "pix2pix": Pix2Pix,
    "vqi2i": VQI2IMethod,
    "vae": VAE,
    "distill": Distill,
    "arbitrary": Arbitrary,
}


def method_names() -> list[str]:
    """Return the names of the methods, sorted."""
    return sorted(_METHODS)


def learns_unpaired(name: str) -> bool:
    """Whether a method turns photos into drawings, and learns from drawings of anything."""
    return issubclass(_METHODS[name], Unpaired)


def create_method(recipe: Recipe, world: World = World()) -> Method[Any, Any]:  # noqa: B008
    """Return the method of a recipe, its networks freshly initialized.

    Raises:
        ConfigError: the recipe asks for what the method or its networks do not have.
    """
    check_solvers(recipe.solver)
    method = _METHODS[recipe.method.name](recipe, world)
    if recipe.train.begin and not method.has_begun:
        raise ConfigError(
            f"The method '{recipe.method.name}' always begins with random weights.",
            "Leave train.begin out.",
        )
    check_watched(recipe.optim, method.figures)
    return method
