"""What becomes a style: a generator with its strength, and what is known of it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from nijigan.core.checkpoint import CheckpointInfo, load_network
from nijigan.core.errors import ExportError, UsageError
from nijigan.core.images import read_picture, to_tensor
from nijigan.core.models import Generator
from nijigan.export.blend import Blend


@dataclass(frozen=True)
class Source:
    """A generator to export."""

    generator: Generator
    info: CheckpointInfo
    strength: str
    """What strength is: `ode`, `style` or `blend`, as in `style.json`."""
    hours: float = 0.0
    """How long it was trained."""


def open_source(path: Path, style_image: Path | None = None) -> Source:
    """Read a run folder, a checkpoint folder or a `.safetensors` file.

    Args:
        path: what to read.
        style_image: the picture whose style a network that draws in any style is to draw in.

    Raises:
        CheckpointError: it is not a whole checkpoint.
        ExportError: the network does not draw.
        UsageError: no style image for a network that wants one, or one for a network that does not.
        ImageError: the style image cannot be read.
    """
    network, info = load_network(path)
    hours = _hours(path)
    if isinstance(network, Generator):
        if style_image is not None:
            raise UsageError(f"'{info.name}' has one style of its own.", "Drop --style-image.")
        if network.has_strength and info.trains_strength:
            return Source(network, info, "ode", hours)
        return Source(Blend(network), info, "blend", hours)
    if not isinstance(network, _AnyStyle):
        raise ExportError(f"'{info.name}' does not draw pictures.", "Export a generator.")
    if style_image is None:
        raise UsageError(
            f"'{info.name}' draws in the style of any picture.", "Name one: --style-image FILE"
        )
    styled = network.with_style(torch.from_numpy(to_tensor(read_picture(style_image).rgb))).eval()
    if styled.has_strength:
        return Source(styled, info, "style", hours)
    return Source(Blend(styled), info, "blend", hours)


@runtime_checkable
class _AnyStyle(Protocol):
    """A network that draws in the style of a picture that it is given."""

    def with_style(self, image: Tensor) -> Generator:
        """Return it with the style of a picture, `(1, 3, H, W)` in [-1, 1], for good."""
        ...


def _hours(source: Path) -> float:
    """How long the run took, from its `metrics.jsonl`; 0 where the source is a lone checkpoint."""
    metrics = source / "metrics.jsonl"
    if not metrics.is_file():
        return 0.0
    seconds, last = 0.0, 0
    for line in metrics.read_text(encoding="utf-8").splitlines():
        with suppress(json.JSONDecodeError):  # a run that goes on may be writing its last line
            row = json.loads(line)
            if "seconds_per_step" in row:
                seconds += row["seconds_per_step"] * (row["step"] - last)
                last = row["step"]
    return seconds / 3600
