"""What is timed: all combinations of what was asked for."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from nijigan.core.errors import UsageError
from nijigan.core.nearest import did_you_mean
from nijigan.export.style import QUALITIES, Style
from nijigan.server.sizes import parse_size


@dataclass(frozen=True)
class Case:
    """One picture of `width` × `height` pixels, or several at once."""

    style: Style
    width: int
    height: int
    quality: str
    engine: str
    threads: int | None = None
    """For one picture; None: all physical cores."""
    concurrency: int = 1
    """How many pictures are drawn at once, by one loaded graph."""

    @property
    def size(self) -> str:
        """As on the command line."""
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class Matrix:
    """Values of each axis, as on the command line: with commas."""

    sizes: str = "512x512"
    engines: str = "onnxruntime"
    qualities: str = "normal"
    concurrency: str = "1"
    threads: int | None = None

    def cases(self, styles: Sequence[Style]) -> list[Case]:
        """Return all combinations; styles of one size are timed at that one.

        Raises:
            UsageError: a size, a quality or a number of pictures that is none.
        """
        qualities = self.qualities.split(",")
        for quality in qualities:
            if quality not in QUALITIES:
                raise UsageError(
                    f"No quality is named {quality!r}.", did_you_mean(quality, QUALITIES)
                )
        at_once = [_count(text) for text in self.concurrency.split(",")]
        sizes = [parse_size(size) for size in self.sizes.split(",")]
        rest = list(itertools.product(qualities, self.engines.split(","), at_once))
        return [
            Case(style, *size, quality, engine, self.threads, concurrency)
            for style in styles
            for size in _sizes_of(style, sizes)
            for quality, engine, concurrency in rest
        ]


def _sizes_of(style: Style, sizes: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    return sizes if style.fixed_size is None else [(style.fixed_size, style.fixed_size)]


def _count(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise UsageError(f"The number of pictures at once is {text!r}.", "Give 1 or more.")
    return int(text)
