"""What `nijigan compare` compares: a style on an engine, or a checkpoint in torch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.core.lazy import needs_extra
from nijigan.export.style import Style
from nijigan.export.styles import style_of
from nijigan.server.cancel import Cancel
from nijigan.server.compare import Subject
from nijigan.server.engines import open_engine

F32 = NDArray[np.float32]


_IN_TORCH = ("torch", "exact")


class StyleSubject:
    """A style's graph of one quality, on an engine."""

    def __init__(self, style: Style, quality: str, engine: str, threads: int | None) -> None:
        self.name = f"{style.name}@{engine}"
        self.style = style
        self.input_multiple = style.input_multiple
        self.fixed_size = style.fixed_size
        self._engine = open_engine(style, quality, engine, threads)

    def draw(self, image: F32, strength: float) -> F32:
        """See `Subject.draw`."""
        return self._engine.run(image, strength, Cancel())


def open_subjects(sources: Sequence[str], quality: str, threads: int | None) -> list[Subject]:
    """Open what is to be compared.

    Args:
        sources: each `SOURCE` or `SOURCE@ENGINE`. The source is the name or the folder of a style,
            whose engine is `onnxruntime` if not given; or a run, a checkpoint or the name of a
            network, whose engine is `torch`. `exact` is torch with a tight adaptive solver.
        quality: of the styles. Checkpoints use the solver that the first style has for it, so that
            only what export did differs; their own where there is no style.
        threads: that one drawing may use; all physical cores where None.

    Raises:
        UsageError: a source that is nothing, or an engine that does not run it.
        StyleError, CheckpointError, EngineError: one of them cannot be opened.
        MissingExtraError: what runs one of them is not installed.
    """
    parts = [_split(source) for source in sources]
    styles = {source: style_of(source) for source, _ in parts}
    first = next((style for style in styles.values() if style is not None), None)
    opened: list[Subject] = []
    for source, engine in parts:
        style = styles[source]
        if style is not None and engine not in _IN_TORCH:
            opened.append(StyleSubject(style, quality, engine or "onnxruntime", threads))
        else:
            with needs_extra("export"):
                from nijigan.export.in_torch import open_in_torch

                own = None if first is None else first.qualities[quality]
                opened.append(open_in_torch(source, engine or "torch", own))
    return opened


def _split(source: str) -> tuple[str, str]:
    """Return source and engine; an @ in the name of a file belongs to it."""
    name, at, engine = source.rpartition("@")
    return (source, "") if not at or Path(source).exists() else (name, engine)
