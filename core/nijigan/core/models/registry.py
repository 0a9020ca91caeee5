"""Networks by name."""

import inspect
from collections.abc import Callable
from typing import Any

from torch import nn

from nijigan.core.errors import ConfigError, ModelNotFoundError
from nijigan.core.models.nijigan import NijiGAN
from nijigan.core.models.patchgan import PatchGAN
from nijigan.core.nearest import did_you_mean

_NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "nijigan": NijiGAN,
    "patchgan70": PatchGAN,
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
    for key in config:
        if key not in known:
            raise ConfigError(f"'{name}' takes no '{key}'.", did_you_mean(key, known))
    return _NETWORKS[name](**config)


def create_generator(name: str, **config: Any) -> NijiGAN:
    """Return a new generator: a network from image to image.

    Raises:
        ModelNotFoundError: no network of that name.
        ConfigError: a network that is no generator, or a key or a value that it does not take.
    """
    network = create(name, **config)
    if not isinstance(network, NijiGAN):
        raise ConfigError(f"'{name}' is not a generator.", "Use 'nijigan'.")
    return network
