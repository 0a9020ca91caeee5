"""Networks by name."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args, get_origin

from torch import nn

from nijigan.core.errors import ConfigError, ModelNotFoundError
from nijigan.core.models.animegan2 import AnimeGAN2
from nijigan.core.models.arbitrary import ArbitraryStylizer
from nijigan.core.models.cartoongan import CartoonGAN
from nijigan.core.models.efficientnet_lite0 import EfficientNetLite0
from nijigan.core.models.generator import Generator
from nijigan.core.models.kinds import (
    AUTOENCODER,
    DISCRIMINATOR,
    FEATURES,
    GENERATOR,
    PROJECTION,
    STYLED,
    STYLED_BY_VECTOR,
    Kind,
)
from nijigan.core.models.mobilenet_v2 import MobileNetV2
from nijigan.core.models.nijigan import NijiGAN
from nijigan.core.models.patch_sample import PatchSample
from nijigan.core.models.patchgan import PatchGAN
from nijigan.core.models.patchgan_cut import AntialiasedPatchGAN
from nijigan.core.models.resnet import ResNetGenerator
from nijigan.core.models.ugatit import UGATIT
from nijigan.core.models.ugatit_disc import UGATITDiscriminator
from nijigan.core.models.unet import UNet
from nijigan.core.models.vae import ResidualVAE
from nijigan.core.models.vgg19 import VGG19
from nijigan.core.models.vqi2i import VQI2I
from nijigan.core.nearest import did_you_mean


@dataclass(frozen=True)
class Entry:
    """A network that can be had by name."""

    factory: Callable[..., nn.Module]
    """Makes it; the arguments are its options, and without any it has the published size."""

    kind: Kind
    """What it is for, and so how it is called."""

    about: str
    """What it is, in a line of a table."""


# Channels, blocks, steps: no network needs more, and a damaged file may ask for any number.
_MOST = 4096

_NETWORKS: dict[str, Entry] = {
    "nijigan": Entry(NijiGAN, GENERATOR, "CUT's encoder and decoder around neural ODEs"),
    **{
        f"cut_resnet{n}": Entry(
            partial(ResNetGenerator, n_blocks=n),
            GENERATOR,
            f"CUT and Scenimefy: anti-aliased, {n} residual blocks",
        )
        for n in (4, 6, 9)
    },
    **{
        f"cyclegan_resnet{n}": Entry(
            partial(ResNetGenerator, n_blocks=n, antialias=False),
            GENERATOR,
            f"CycleGAN: strided convolutions, {n} residual blocks",
        )
        for n in (4, 6, 9)
    },
    "unet_128": Entry(partial(UNet, levels=7), GENERATOR, "pix2pix's U-Net of 7 levels"),
    "unet_256": Entry(partial(UNet, levels=8), GENERATOR, "pix2pix's U-Net of 8 levels"),
    "ugatit_full": Entry(
        partial(UGATIT, version="full"), GENERATOR, "U-GAT-IT: attention, AdaLIN of every value"
    ),
    "ugatit_light": Entry(
        partial(UGATIT, version="light"), GENERATOR, "U-GAT-IT: attention, AdaLIN of the means"
    ),
    "animegan2": Entry(AnimeGAN2, GENERATOR, "AnimeGANv2: inverted residual blocks"),
    "cartoongan": Entry(CartoonGAN, GENERATOR, "CartoonGAN's public networks"),
    "arbitrary": Entry(
        ArbitraryStylizer, STYLED_BY_VECTOR, "Magenta: any picture in the style of any other"
    ),
    "vae_residual": Entry(ResidualVAE, AUTOENCODER, "a picture to 128 numbers and back"),
    "vqi2i_cross": Entry(VQI2I, STYLED, "VQ-I2I: content as codewords, style as a vector"),
    "vqi2i_adain": Entry(
        partial(
            VQI2I,
            ch_mult=(1, 1, 2, 4, 8),
            z_channels=128,
            double_z=True,
            style_dim=128,
            style_hidden=128,
            style_down=3,
            style_map="linear",
            attention="linear",
            dropout=0.1,
        ),
        STYLED,
        "VQ-I2I, the wider variant of the NijiGAN report",
    ),
    "patchgan70": Entry(PatchGAN, DISCRIMINATOR, "judges every 70×70 patch"),
    "patchgan70_cut": Entry(
        AntialiasedPatchGAN, DISCRIMINATOR, "the same with CUT's blurs: 84×84 patches"
    ),
    "ugatit_disc_global": Entry(
        partial(UGATITDiscriminator, n_layers=7), DISCRIMINATOR, "U-GAT-IT's for large patches"
    ),
    "ugatit_disc_local": Entry(
        partial(UGATITDiscriminator, n_layers=5), DISCRIMINATOR, "U-GAT-IT's for small patches"
    ),
    "patch_sample": Entry(PatchSample, PROJECTION, "CUT's F: features of patches to unit vectors"),
    "vgg19": Entry(VGG19, FEATURES, "the convolutions of VGG19"),
    "mobilenet_v2": Entry(MobileNetV2, FEATURES, "MobileNetV2, a small classifier"),
    "efficientnet_lite0": Entry(EfficientNetLite0, FEATURES, "EfficientNet-Lite0, another one"),
}


def available() -> list[str]:
    """Return the registered names, sorted."""
    return sorted(_NETWORKS)


def entry(name: str) -> Entry:
    """Return what is registered under a name.

    Raises:
        ModelNotFoundError: no network of that name.
    """
    if name not in _NETWORKS:
        raise ModelNotFoundError(f"No network '{name}'.", did_you_mean(name, _NETWORKS))
    return _NETWORKS[name]


def create(name: str, **config: Any) -> nn.Module:
    """Return a new network; without `config` it has the published size.

    Raises:
        ModelNotFoundError: no network of that name.
        ConfigError: a key or a value that the network does not take.
    """
    factory = entry(name).factory
    known = inspect.signature(factory).parameters
    for key, value in config.items():
        if key not in known:
            raise ConfigError(f"'{name}' takes no '{key}'.", did_you_mean(key, known))
        wanted, default = known[key].annotation, known[key].default
        # A count of 0 is a default's way to say "as many as …".
        said_default = type(value) is type(default) and value == default
        if not said_default and not _fits(value, wanted):
            raise ConfigError(
                f"'{key}' of '{name}' is {value!r:.80}.", f"It must be {_describe(wanted)}."
            )
    return factory(**config)


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
    if wanted is float:
        return type(value) in (int, float)
    return type(value) is wanted and wanted is not int


def _describe(wanted: Any) -> str:
    if get_origin(wanted) is Sequence:
        return f"a list, each {_describe(get_args(wanted)[0])}"
    if wanted is int:
        return f"a whole number from 1 to {_MOST}"
    if wanted is float:
        return "a number"
    return "true or false" if wanted is bool else "a string"
