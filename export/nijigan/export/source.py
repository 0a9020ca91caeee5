"""What becomes a style: a generator with its strength, and what is known of it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from nijigan.core import models
from nijigan.core.checkpoint import CheckpointInfo, load_network
from nijigan.core.errors import ExportError, UsageError
from nijigan.core.images import read_picture, to_tensor
from nijigan.core.models import Generator
from nijigan.export.blend import Blend
from nijigan.export.reopen import generator_of
from nijigan.export.style import Style
from nijigan.export.styles import style_of


@dataclass(frozen=True)
class Source:
    """A generator to export."""

    generator: Generator
    info: CheckpointInfo
    parameters: int
    """How many weights it has, before norms are folded."""
    strength: str
    """What strength is: `ode`, `style` or `blend`, as in `style.json`."""
    hours: float = 0.0
    """How long it was trained."""
    style: Style | None = None
    """The style that it was read from."""
    is_random: bool = False
    """Whether its weights are those of a network before its first step."""


def open_source(source: str | Path, style_image: Path | None = None) -> Source:
    """Read a run folder, a checkpoint folder or a `.safetensors` file, or build a network.

    Args:
        source: what to read; or the name or folder of a style, to make another one of; or the name
            of a registered network, which gets random weights, to measure how fast it is.
        style_image: the picture whose style a network that draws in any style is to draw in.

    Raises:
        CheckpointError: it is not a whole checkpoint.
        ExportError: the network does not draw.
        ConfigError: the registered network does not draw.
        UsageError: no style image for a network that wants one, or one for a network that does not.
        ImageError: the style image cannot be read.
    """
    ready = _ready(str(source))
    if ready is not None:
        if style_image is not None:
            raise UsageError(f"'{source}' has one style of its own.", "Drop --style-image.")
        return ready
    path = Path(source)
    network, info = load_network(path)
    hours, count = _hours(path), models.count_parameters(network)
    if isinstance(network, Generator):
        if style_image is not None:
            raise UsageError(f"'{info.name}' has one style of its own.", "Drop --style-image.")
        if network.has_strength and info.trains_strength:
            return Source(network, info, count, "ode", hours)
        return Source(Blend(network), info, count, "blend", hours)
    if not isinstance(network, _AnyStyle):
        raise ExportError(f"'{info.name}' does not draw pictures.", "Export a generator.")
    if style_image is None:
        raise UsageError(
            f"'{info.name}' draws in the style of any picture.", "Name one: --style-image FILE"
        )
    styled = network.with_style(torch.from_numpy(to_tensor(read_picture(style_image).rgb))).eval()
    if styled.has_strength:
        return Source(styled, info, models.count_parameters(styled), "style", hours)
    return Source(Blend(styled), info, models.count_parameters(styled), "blend", hours)


def _ready(source: str) -> Source | None:
    """Return the generator that a network's or a style's name means, None of a checkpoint."""
    if source in models.available():
        return _random(source)
    style = style_of(source)
    return None if style is None else _from_style(style)


def info_of(style: Style) -> CheckpointInfo:
    """Return what a style tells of the checkpoint that it was exported from."""
    return CheckpointInfo(
        style.generator["name"],
        dict(style.generator["config"]),
        step=style.training.get("steps", 0),
        license=style.license,
        data=style.training.get("split_sha256", ""),
        recipe={"method": {"name": style.method}},
    )


def _from_style(style: Style) -> Source:
    hours, count = style.training.get("hours", 0.0), style.generator["parameters"]
    return Source(generator_of(style), info_of(style), count, style.strength, hours, style)


def _random(name: str) -> Source:
    """Return a registered network as it is before its first step, the same one every time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator = models.create_generator(name).eval()
    count = models.count_parameters(generator)
    info = CheckpointInfo(name, generator.config, license="CC0-1.0", data="none: random weights")
    return Source(Blend(generator), info, count, "blend", is_random=True)


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
