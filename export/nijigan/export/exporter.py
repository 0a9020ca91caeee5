"""Turns a checkpoint into a style folder: graphs, proof, preview, model card."""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from nijigan.core.checkpoint import CheckpointInfo, load_generator
from nijigan.core.errors import ExportError, OutputError
from nijigan.core.images import (
    Picture,
    from_tensor,
    read_picture,
    resize,
    to_tensor,
    write_picture,
)
from nijigan.core.models import Generator, count_parameters
from nijigan.core.ode import FixedStep
from nijigan.export.blend import Blend, with_strength
from nijigan.export.card import Card
from nijigan.export.compare import Subject, check, compare
from nijigan.export.model_card import model_card
from nijigan.export.onnx import onnx_from_torch, write_graphs
from nijigan.export.runtime import onnxruntime
from nijigan.export.style import QUALITIES, Parity, Quality, Scale, Style, write_style_json

PREVIEW_SIDE = 384
"""Pixels: the side of each of the preview's two squares."""


def export_style(
    source: Path,
    out: Path,
    card: Card,
    photos: Sequence[Path],
    preview: Path,
    say: Callable[[str], None] = lambda _: None,
) -> Style:
    """Write the style folder `out` from a run or a checkpoint.

    The folder appears only when every graph has been proved equal to the generator.

    Args:
        source: a run folder, a checkpoint folder or a `.safetensors` file.
        out: the folder to make; a style that is there already is replaced.
        card: what cannot be measured.
        photos: what to compare on.
        preview: the picture that the style's preview shows.
        say: takes one line of progress at a time.

    Raises:
        CheckpointError: `source` is not a whole checkpoint.
        ExportError: the generator or a solver cannot be exported, or the card's license is not the
            checkpoint's.
        CheckFailedError: a graph differs from the generator.
        OutputError: `out` is something else than a style, or cannot be written.
    """
    trained, info = load_generator(source)
    generator = with_strength(trained, info)
    _check_license(card, info)
    if out.exists() and not (out / "style.json").is_file():
        raise OutputError(f"'{out}' exists and is not a style.", "Name a new folder.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".style-", dir=out.parent) as temporary:
            folder = Path(temporary) / "style"
            folder.mkdir()
            say("unrolling the ODE into graphs")
            models = {q: onnx_from_torch(generator, card.solver(q)) for q in QUALITIES}
            write_graphs(models, folder)
            parity = _prove(generator, card, folder, photos, say)
            _write_preview(folder / "normal.onnx", preview, folder / "preview.png")
            style = _describe(folder, generator, info, card, parity, _hours(source))
            (folder / "README.md").write_text(model_card(style), encoding="utf-8")
            style = write_style_json(folder, style)
            shutil.rmtree(out, ignore_errors=True)
            folder.replace(out)
    except OSError as error:
        raise OutputError(
            f"'{out}' cannot be written ({error.strerror}).", "Name a folder that you can write to."
        ) from error
    return replace(style, folder=out)


def _check_license(card: Card, info: CheckpointInfo) -> None:
    if info.license and info.license != card.license:
        raise ExportError(
            f"The card's license is '{card.license}', the checkpoint's '{info.license}'.",
            "Write the checkpoint's into the card: it is what its pictures allow.",
        )


def _prove(
    generator: Generator,
    card: Card,
    folder: Path,
    photos: Sequence[Path],
    say: Callable[[str], None],
) -> list[Parity]:
    rows: list[Parity] = []
    for quality in QUALITIES:
        say(f"comparing '{quality}' with the generator on {len(photos)} photos")
        subject = Subject(quality, folder / f"{quality}.onnx", generator, card.solver(quality))
        rows += compare(subject, photos)
    check(rows)
    return rows


def _describe(
    folder: Path,
    generator: Generator,
    info: CheckpointInfo,
    card: Card,
    parity: Sequence[Parity],
    hours: float,
) -> Style:
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
            "parameters": count_parameters(generator),
        },
        method=info.recipe.get("method", {}).get("name", ""),
        input_multiple=generator.input_multiple,
        normalization="local",
        strength="blend" if isinstance(generator, Blend) else "ode",
        scale=Scale(card.working_short_side, card.auto),
        qualities={quality: _quality(generator, card, quality) for quality in QUALITIES},
        training={
            **card.training,
            "split_sha256": info.data,
            "steps": info.step,
            "hours": round(hours, 1),
        },
        parity=tuple(parity),
        limits=tuple(card.limits),
    )


def _quality(generator: Generator, card: Card, name: str) -> Quality:
    solver = card.solver(name)
    assert isinstance(solver, FixedStep), "unroll() has refused adaptive solvers"
    generator.set_solver(solver)
    return Quality(
        file=f"{name}.onnx",
        solver=solver.name,
        steps=solver.steps,
        evaluations=solver.evaluations,
        radius_px=generator.receptive_radius(),
    )


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


def _write_preview(graph: Path, photo: Path, out: Path) -> None:
    """Write the photo beside its drawing, each cut to a square."""
    rgb = read_picture(photo).rgb
    side = min(rgb.shape[:2])
    top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
    square = rgb[top : top + side, left : left + side]
    square = resize(square, PREVIEW_SIDE, PREVIEW_SIDE)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    inputs = {"image": to_tensor(square), "strength": np.array(1, np.float32)}
    drawn = from_tensor(session.run(["drawn"], inputs)[0])
    write_picture(out, Picture(np.concatenate([square, drawn], axis=1)))
