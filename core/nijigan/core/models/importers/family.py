"""What is known of a family of public checkpoints: how to tell it, and where its weights go."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

Shapes = Mapping[str, tuple[int, ...]]
"""The shape of each tensor of a file, by its key."""

UNKNOWN_LICENSE = "LicenseRef-unknown"


@dataclass(frozen=True)
class Plan:
    """Which network a file holds, and under which keys."""

    name: str
    """Registered name."""
    config: dict[str, Any]
    """Arguments that build it."""
    public: Callable[[str], str]
    """The file's key of one of the network's own parameters or buffers."""
    constants: Mapping[str, Tensor] = field(default_factory=dict)
    """Keys of values that the network computes itself, with those values."""
    note: str = ""
    """What a user should know of this network; may be empty."""


@dataclass(frozen=True)
class Family:
    """A family of public checkpoints."""

    name: str
    """What `--family` calls it."""
    key: re.Pattern[str]
    """Matches every key of its files, and few of other families'."""
    holds: Callable[[Shapes], bool]
    """Whether a file is of this family."""
    plan: Callable[[Shapes], Plan]
    """What such a file holds."""
    license: str = UNKNOWN_LICENSE
    """SPDX expression of its weights, where the authors gave all of them one."""
    note: str = ""
    """What a user should know of every file of it; may be empty."""


def is_convolution(shapes: Shapes, key: str) -> bool:
    """Whether a file has `key`, and there the weight of a convolution."""
    return len(shapes.get(key, ())) == 4


def by_layer(layers: Mapping[str, str]) -> Callable[[str], str]:
    """Return a `Plan.public` that renames layers and leaves what they hold its name."""

    def public(own: str) -> str:
        layer, _, value = own.rpartition(".")
        return f"{layers[layer]}.{value}"

    return public
