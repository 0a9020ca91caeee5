# SPDX-License-Identifier: GPL-3.0-or-later
"""How to draw and what, remembered in the document."""

import json
from typing import Any, Callable, Dict, NamedTuple, Union

from nijigan_host.drawing import Look

LAYER, GROUP, CANVAS = "layer", "group", "canvas"
SOURCES = (LAYER, GROUP, CANVAS)
QUALITIES = ("draft", "normal", "fine")
LEAST_SIDE, MOST_SIDE = 16, 8192


class Settings(NamedTuple):
    """What the docker says.

    style: its name; "" is the first one there is. strength: in percent. scale: "auto", "native", or
    the short side to draw at, in pixels. source: one of SOURCES. steady: each frame four times,
    for the mean, and by statistics that all share.
    """

    style: str = ""
    strength: int = 100
    quality: str = "normal"
    scale: Union[str, int] = "auto"
    source: str = LAYER
    steady: bool = True

    @property
    def look(self) -> Look:
        """How to draw, for the sidecar."""
        return Look(self.style, self.strength / 100, self.quality, self.scale)

    @property
    def words(self) -> str:
        """What a layer is named after, beside its style."""
        scale = [] if self.scale == "auto" else [f"{self.scale}"]
        return ", ".join([f"{self.strength} %", self.quality, *scale])

    def to_json(self) -> bytes:
        """Return it as bytes for the document."""
        return json.dumps(self._asdict()).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Settings":
        """Read it; what is damaged, or of another version, is as it is by default."""
        try:
            said = json.loads(data.decode())
        except ValueError:
            return cls()
        if not isinstance(said, dict):
            return cls()
        good = {name: said[name] for name in cls._fields if _is_good(name, said.get(name))}
        return cls(**good)


def _is_good(name: str, value: Any) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    checks: Dict[str, Callable[[], bool]] = {
        "style": lambda: isinstance(value, str),
        "strength": lambda: is_number and 0 <= value <= 100,
        "quality": lambda: value in QUALITIES,
        "scale": lambda: (
            value in ("auto", "native") or (is_number and LEAST_SIDE <= value <= MOST_SIDE)
        ),
        "source": lambda: value in SOURCES,
        "steady": lambda: isinstance(value, bool),
    }
    return checks[name]()
