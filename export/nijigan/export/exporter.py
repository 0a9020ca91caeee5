"""Turns a checkpoint into a style folder: graphs, proof, preview, model card."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nijigan.core.checkpoint import CheckpointInfo
from nijigan.core.errors import ConfigError, ExportError
from nijigan.core.images import (
    Picture,
    from_tensor,
    pad_to_multiple,
    read_picture,
    resize,
    to_tensor,
    write_picture,
)
from nijigan.core.models import Generator
from nijigan.core.ode import Euler, FixedStep
from nijigan.export.card import Card
from nijigan.export.compare import Subject, check, compare, photo_tensor
from nijigan.export.folder import new_folder
from nijigan.export.halftone import screen
from nijigan.export.memory import bytes_per_pixel
from nijigan.export.model_card import model_card
from nijigan.export.onnx import onnx_from_torch, write_graphs
from nijigan.export.precision import PRECISIONS, Precision
from nijigan.export.runtime import open_session, run_graph
from nijigan.export.shared_statistics import looks_at_everything
from nijigan.export.source import Source
from nijigan.export.style import (
    EVERYTHING_PX,
    QUALITIES,
    Parity,
    Quality,
    Scale,
    Style,
    write_style_json,
)
from nijigan.export.unroll import unroll

F32 = NDArray[np.float32]

MARK = "style.json"
"""By this file a folder is known to be a style."""
PREVIEW_SIDE = 384
"""Pixels: the side of each of the preview's two squares."""

_CALIBRATION_SIDE = 256


@dataclass(frozen=True)
class Pictures:
    """The photos that an export needs."""

    compared: Sequence[Path]
    """What graphs are compared with their generator on."""
    calibrating: Sequence[Path]
    """What the ranges of int8 are measured on."""
    preview: Path
    """What the style's preview shows."""


def export_style(
    source: Source,
    out: Path,
    card: Card,
    pictures: Pictures,
    precision: Precision = PRECISIONS["fp32"],
    checked: bool = True,
    say: Callable[[str], None] = lambda _: None,
) -> Style:
    """Write the style folder `out` from a generator.

    The folder appears only when every graph has been proved equal to the generator.

    Args:
        source: the generator, and what is known of it.
        out: the folder to make; a style that is there already is replaced.
        card: what cannot be measured.
        pictures: what to compare on, to calibrate with and to show.
        precision: what the graphs compute in.
        checked: fail where a graph differs by more than its precision explains; otherwise the
            style only tells it.
        say: takes one line of progress at a time.

    Raises:
        ExportError: the generator or a solver cannot be exported, or the card's license is not the
            checkpoint's.
        ConfigError: a solver of the card's is none.
        StyleError: a value of the card's is none that a style can have.
        ImageError: a picture that cannot be read.
        CheckFailedError: a graph differs from the generator by more than its precision explains.
        OutputError: `out` is something else than a style, or cannot be written.
    """
    generator = source.generator
    check_license(card, source.info.license)
    graphs = _graphs(generator)
    with new_folder(out, mark=MARK) as folder:
        say(f"tracing {', '.join(graphs)}")
        images = _calibration(generator, pictures, precision)
        models = {
            quality: onnx_from_torch(generator, card.solver(quality), precision.name, images)
            for quality in graphs
        }
        write_graphs(models, folder)
        parity = _compared(generator, card, folder, pictures.compared, precision, say)
        if checked:
            check(parity, precision)
        _write_preview(generator, card, folder, pictures.preview, precision.name)
        style = _describe(folder, source, card, parity, precision.name)
        (folder / "README.md").write_text(model_card(style), encoding="utf-8")
        style = write_style_json(folder, style)
    return replace(style, folder=out)


def _graphs(generator: Generator) -> Sequence[str]:
    """Return the qualities that differ: without an ODE there is nothing to be more exact about."""
    return QUALITIES if generator.solver is not None else ("normal",)


def check_license(card: Card, checkpoint: str) -> None:
    """Refuse a card that gives other rights than the checkpoint does, where that says any.

    Raises:
        ExportError: the licenses differ.
    """
    if checkpoint and checkpoint != card.license:
        raise ExportError(
            f"The card's license is '{card.license}', the checkpoint's '{checkpoint}'.",
            "Write the checkpoint's into the card: it is what its pictures allow.",
        )


def _compared(
    generator: Generator,
    card: Card,
    folder: Path,
    photos: Sequence[Path],
    precision: Precision,
    say: Callable[[str], None],
) -> list[Parity]:
    rows: list[Parity] = []
    for quality in _graphs(generator):
        say(f"comparing '{quality}' with the generator on {len(photos)} photos")
        graph, solver = folder / f"{quality}.onnx", card.solver(quality)
        rows += compare(Subject(quality, graph, generator, solver, precision.name), photos)
    return rows


def _calibration(generator: Generator, pictures: Pictures, precision: Precision) -> list[F32]:
    """Return what ranges are measured on, where there are any to measure."""
    if precision.name != "int8":
        return []
    side = generator.fixed_size or _CALIBRATION_SIDE
    return [
        photo_tensor(path, side, side, generator.input_multiple) for path in pictures.calibrating
    ]


def _describe(
    folder: Path, source: Source, card: Card, parity: Sequence[Parity], precision: str
) -> Style:
    generator, info = source.generator, source.info
    return Style(
        folder=folder,
        name=card.name,
        version=card.version,
        title=card.title or card.name,
        description=card.description,
        license=card.license,
        generator={
            "name": info.name,
            "config": info.config,
            "parameters": source.parameters,
        },
        method=info.recipe.get("method", {}).get("name", ""),
        input_multiple=generator.input_multiple,
        fixed_size=generator.fixed_size,
        normalization="global" if looks_at_everything(unroll(generator, Euler())) else "local",
        strength=source.strength,
        scale=Scale(card.working_short_side, card.auto),
        qualities={
            quality: _quality(folder, generator, card, quality, precision) for quality in QUALITIES
        },
        precision=precision,
        halftone=card.halftone,
        training={
            **card.training,
            "split_sha256": info.split_sha256,
            "steps": info.step,
            **_beginning(info),
            "hours": round(source.hours, 1),
        },
        parity=tuple(parity),
        limits=tuple(card.limits),
    )


def _beginning(info: CheckpointInfo) -> dict[str, Any]:
    """Return the run's seed, and whose weights it began with, where the checkpoint tells."""
    train = info.recipe.get("train", {})
    seed = {"seed": train["seed"]} if "seed" in train else {}
    begin = train.get("begin", "").removesuffix(".safetensors")
    return {**seed, "began_with": begin} if begin else seed


def _quality(folder: Path, generator: Generator, card: Card, name: str, precision: str) -> Quality:
    file, solver, steps, evaluations = "normal.onnx", "none", 1, 1
    if generator.solver is not None:
        fixed = card.solver(name)
        assert isinstance(fixed, FixedStep), "unroll() has refused adaptive solvers"
        generator.set_solver(fixed)
        file, solver = f"{name}.onnx", fixed.name
        steps, evaluations = fixed.steps, fixed.evaluations
    if generator.fixed_size is not None:  # never drawn in tiles: only that it fits once matters
        return Quality(file, solver, steps, evaluations, generator.fixed_size, 1)
    memory = bytes_per_pixel(folder / file, generator.input_multiple, precision)
    return Quality(file, solver, steps, evaluations, _radius(generator), memory)


def _radius(generator: Generator) -> int:
    try:
        return min(generator.receptive_radius(), EVERYTHING_PX)
    except ConfigError:  # a layer that looks at everything; adaptive solvers have been refused
        return EVERYTHING_PX


def _write_preview(
    generator: Generator, card: Card, folder: Path, photo: Path, precision: str
) -> None:
    """Write the photo beside its drawing, each cut to a square."""
    rgb = read_picture(photo).rgb
    side = min(rgb.shape[:2])
    top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
    square = rgb[top : top + side, left : left + side]
    side = generator.fixed_size or PREVIEW_SIDE
    square = resize(square, side, side)
    session = open_session(folder / "normal.onnx", precision)
    padded = pad_to_multiple(square, generator.input_multiple)
    drawn = from_tensor(run_graph(session, to_tensor(padded), 1.0))[:side, :side]
    if card.halftone is not None:
        drawn = screen(drawn, card.halftone, 1.0, (0, 0), 1.0)
    write_picture(folder / "preview.png", Picture(np.concatenate([square, drawn], axis=1)))
