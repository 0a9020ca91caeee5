"""The kinds of network in the registry: what each takes, as an example that it can be run on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.models.features import Classifier
from nijigan.core.models.generator import Generator


@dataclass(frozen=True)
class Kind:
    """What a network is for, and so how it is called."""

    label: str
    """One or two words, for a table."""

    takes: str
    """What `run` gives it; for a reader."""

    run: Callable[[Any, int, int], object]
    """Use the network once, on "meta", for a picture of height × width: `run(network, 256, 256)`.

    It goes through all that one picture costs.
    """

    generator: Callable[[Any], Generator | None] = lambda _network: None
    """Return the network as one from picture to picture, if it can be used so."""

    strength: str = "the share of each residual branch that is added"
    """What a generator's strength scales, where it has one and no ODE."""


def _picture(channels: int, height: int, width: int) -> Tensor:
    return torch.empty(1, channels, height, width, device="meta")


def _draw(network: nn.Module, height: int, width: int) -> object:
    return network(_picture(3, height, width))


def _draw_in_style_of(network: nn.Module, height: int, width: int) -> object:
    return network(_picture(3, height, width), _picture(3, height, width))


def _draw_in_style_vector_of(network: Any, height: int, width: int) -> object:
    style = network.style_vector(_picture(3, height, width))
    return network(_picture(3, height, width), style)


def _with_style(network: Any) -> Generator:
    drawer: Generator = network.with_style(_picture(3, 64, 64))
    return drawer


def _judge(network: nn.Module, height: int, width: int) -> object:
    """Show it a picture, or two side by side, as many channels as its first convolution takes."""
    first = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d))
    return network(_picture(first.in_channels, height, width))


def _look(network: Any, height: int, width: int) -> object:
    image = _picture(3, height, width)
    if isinstance(network, Classifier):
        return network.classify(image)
    return network.features(image, network.layers[-1:])


def _project(network: Any, height: int, width: int) -> object:
    """Give it 256 patches of each tap, as CUT does; where they lie makes no difference."""
    taps = [_picture(channels, height, width) for channels in network.config["channels"]]
    return network(taps, [torch.arange(256, device="meta") for _ in taps])


GENERATOR = Kind("generator", "a picture", _draw, lambda network: network)
STYLED = Kind(
    "styled generator", "a picture and a picture of the style", _draw_in_style_of, _with_style
)
STYLED_BY_VECTOR = replace(
    STYLED, run=_draw_in_style_vector_of, strength="the share of the style in the style vector"
)
AUTOENCODER = Kind("autoencoder", "a picture", _draw)
DISCRIMINATOR = Kind("discriminator", "a picture, or two side by side", _judge)
FEATURES = Kind("features", "a picture", _look)
PROJECTION = Kind("projection", "256 patches of each tap of a generator", _project)
