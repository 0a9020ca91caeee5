"""Networks by name."""

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, get_args, get_origin

from torch import nn

from nijigan.core.errors import ConfigError, ModelNotFoundError
from nijigan.core.models.animegan2 import AnimeGAN2
from nijigan.core.models.cartoongan import CartoonGAN
from nijigan.core.models.generator import Generator
from nijigan.core.models.nijigan import NijiGAN
from nijigan.core.models.patch_sample import PatchSample
from nijigan.core.models.patchgan import PatchGAN
from nijigan.core.models.patchgan_cut import AntialiasedPatchGAN
from nijigan.core.models.resnet import ResNetGenerator
from nijigan.core.models.ugatit import UGATIT
from nijigan.core.models.ugatit_disc import UGATITDiscriminator
from nijigan.core.models.unet import UNet
from nijigan.core.models.vae import ResidualVAE
from nijigan.core.nearest import did_you_mean

# Channels, blocks, steps: no network needs more, and a damaged file may ask for any number.
_MOST = 4096

_NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "nijigan": NijiGAN,
    **{f"cut_resnet{n}": partial(ResNetGenerator, n_blocks=n) for n in (4, 6, 9)},
    **{
        f"cyclegan_resnet{n}": partial(ResNetGenerator, n_blocks=n, antialias=False)
        for n in (4, 6, 9)
    },
    "unet_128": partial(UNet, levels=7),
    "unet_256": partial(UNet, levels=8),
    "ugatit_full": partial(UGATIT, version="full"),
    "ugatit_light": partial(UGATIT, version="light"),
    "animegan2": AnimeGAN2,
    "cartoongan": CartoonGAN,
    "vae_residual": ResidualVAE,
    "patchgan70": PatchGAN,
    "patchgan70_cut": AntialiasedPatchGAN,
    "ugatit_disc_global": partial(UGATITDiscriminator, n_layers=7),
    "ugatit_disc_local": partial(UGATITDiscriminator, n_layers=5),
    "patch_sample": PatchSample,
}


def available() -> list[str]:
    """Return the registered names, sorted."""
    return sorted(_NETWORKS)


def create(name: str, **config: Any) -> nn.Module:
    """Return a new network; without `config` it has the published size.

    Raises:
        ModelNotFoundError: no network of that name.
        ConfigError: a key or a value that the network does not take.
    """
    if name not in _NETWORKS:
        raise ModelNotFoundError(f"No network '{name}'.", did_you_mean(name, _NETWORKS))
    known = inspect.signature(_NETWORKS[name]).parameters
    for key, value in config.items():
        if key not in known:
            raise ConfigError(f"'{name}' takes no '{key}'.", did_you_mean(key, known))
        wanted = known[key].annotation
        if not _fits(value, wanted):
            raise ConfigError(
                f"'{key}' of '{name}' is {value!r:.80}.", f"It must be {_describe(wanted)}."
            )
    return _NETWORKS[name](**config)


def create_generator(name: str, **config: Any) -> Generator:
    """Return a new network from picture to picture, which can be trained and exported.

    Raises:
        ModelNotFoundError: no network of that name.
        ConfigError: a network that is no such one, or a key or a value that it does not take.
    """
    network = create(name, **config)
    if not isinstance(network, Generator):
        raise ConfigError(
            f"'{name}' does not turn one picture into another.", "Use 'nijigan' or 'cut_resnet9'."
        )
    return network


def _fits(value: object, wanted: Any) -> bool:
    """Whether an argument has the type of its parameter; every int of a network is a count."""
    if get_origin(wanted) is Sequence:
        (item,) = get_args(wanted)
        return isinstance(value, (list, tuple)) and all(_fits(each, item) for each in value)
    if isinstance(value, int) and wanted is int and not isinstance(value, bool):
        return 1 <= value <= _MOST
    return type(value) is wanted and wanted is not int


def _describe(wanted: Any) -> str:
    if get_origin(wanted) is Sequence:
        return f"a list, each {_describe(get_args(wanted)[0])}"
    if wanted is int:
        return f"a whole number from 1 to {_MOST}"
    return "true or false" if wanted is bool else "a string"
