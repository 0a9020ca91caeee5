"""Whatever draws pictures, opened by one name: a run, a style, a teacher.

Each portion brings what it can open, under the entry-point group `nijigan.drawers`: core has runs,
checkpoints and teachers, the server has styles, which need no torch.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np

from nijigan.core.datasets.pair import Pixels as Pixels
from nijigan.core.errors import StrengthError, UsageError
from nijigan.core.lazy import needs_extra


@dataclass(frozen=True)
class NetworkFacts:
    """The network that draws."""

    name: str
    """In the registry."""
    config: Mapping[str, Any]
    """The arguments that build it, solver and steps as it draws."""
    parameters: int
    split_sha256: str = ""
    """Of the pictures it learned from; empty where that is not known."""
    step: int | None = None
    """Training steps behind the weights; fewer than the recipe's where a run was stopped."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """The resolved recipe of its training by section; empty where that is not known."""


class Drawer(ABC):
    """Draws photos."""

    name: str
    """For tables: the style's or the run folder's, `teacher:NAME` of a teacher."""

    network: NetworkFacts | None = None
    """What draws; None of an algorithm."""

    @abstractmethod
    def draw(self, pixels: Pixels, strength: float = 1.0) -> Pixels:
        """Return a photo drawn anew, `(H, W, 3)` uint8 as it came.

        Args:
            pixels: sRGB, sides of at least 16 pixels.
            strength: 0 (the photo) … 1 (fully drawn). Where what draws was not trained to have
                one, the drawing is mixed with its photo.

        Raises:
            StrengthError: a strength outside 0…1.
        """


Opener = Callable[[str], Drawer | None]
"""Takes a source as it was written; returns None of what is not its own."""


def open_drawer(source: str | Path) -> Drawer:
    """Return what draws.

    Args:
        source: a run folder, a checkpoint folder or a `.safetensors` file; the name or the folder
            of a style; the name of a teacher, `teacher:cel`. The openers are asked in the order of
            their entry points' names: of `cel`, which is both, the style comes first.

    Raises:
        UsageError: nothing that draws has that name.
        CheckpointError, StyleError: it is damaged.
        MissingExtraError: a part of nijigan that it needs is not installed.
    """
    text = _written(source)
    for entry in sorted(entry_points(group="nijigan.drawers"), key=lambda entry: entry.name):
        opener: Opener = entry.load()
        drawer = opener(text)
        if drawer is not None:
            return drawer
    raise UsageError(
        f"'{text}' is nothing that draws.",
        "Give a run, a checkpoint, a style's name or folder, or teacher:NAME.",
    )


def open_checkpoint(source: str) -> Drawer | None:
    """Open a run folder, a checkpoint folder or a `.safetensors` file.

    Raises:
        CheckpointError: it is damaged, or its network does not turn one picture into another.
        MissingExtraError: torch is not installed.
    """
    path = Path(source)
    marks = (path / "checkpoints", path / "generator.safetensors")
    if path.suffix != ".safetensors" and not any(mark.exists() for mark in marks):
        return None
    with needs_extra("train"):
        from nijigan.core.network_drawer import NetworkDrawer

        return NetworkDrawer.load(path)


def open_teacher(source: str) -> Drawer | None:
    """Open a teacher: `teacher:NAME`, or the name alone.

    Raises:
        UsageError: after `teacher:` there is the name of none.
        MissingExtraError: scipy is not installed.
    """
    with needs_extra("train"):
        from nijigan.core import teachers
        from nijigan.core.teachers.drawer import TeacherDrawer

        name = source.removeprefix("teacher:")
        return TeacherDrawer(name) if name != source or name in teachers.available() else None


def check_strength(strength: float) -> None:
    """Refuse a strength that is none.

    Raises:
        StrengthError: it is not within 0…1.
    """
    if not 0 <= strength <= 1:  # NaN too
        raise StrengthError(f"The strength is {strength}.", "Give 0 to 1.")


def mixed(pixels: Pixels, drawn: Pixels, strength: float) -> Pixels:
    """Return (1 - strength) · photo + strength · drawing, rounded; `(H, W, 3)` uint8."""
    if strength == 1:
        return drawn
    change = strength * (drawn.astype(np.float32) - pixels)
    return np.rint(pixels + change).astype(np.uint8)


def _written(source: str | Path) -> str:
    """A path keeps what makes it one: a style without a slash is a name."""
    if isinstance(source, Path) and len(source.parts) == 1:
        return f"./{source}"
    return str(source)
