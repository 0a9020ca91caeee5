"""Measures styles against the teachers they learned from, on held-out photos; writes a page.

    python scripts/measure_styles.py cel daylight ink --pairs pairs -o docs/benchmarks/styles.md

Pairs are in a folder of each style's name, as `make styles` leaves them. Drawn natively, that is
at the scale of the pairs, and without halftone dots, which teachers do not draw. Needs the extra
`train`, and the weights of the two packaged feature networks.
"""

import argparse
import json
import math
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dotless import copy_without_dots
from nijigan.core.datasets.pair import Pixels
from nijigan.core.evaluation.evaluate import PHOTO, REFERENCE, Evaluation, evaluate
from nijigan.core.evaluation.held_out import HeldOut
from nijigan.core.evaluation.measures import make_measures
from nijigan.core.evaluation.report import notes, value_text
from nijigan.core.images import Picture
from nijigan.core.machine import describe_machine
from nijigan.core.metrics.psnr import psnr
from nijigan.core.spread import spread
from nijigan.export.style import QUALITIES, Style
from nijigan.export.styles import StyleLibrary, style_of
from nijigan.server.stylizer import Settings, Stylizer

MEASURES = ("psnr", "ssim", "flatness", "lines", "kid")
NETWORKS = ("mobilenet_v2", "efficientnet_lite0")
STRENGTHS = tuple(step / 10 for step in range(11))
DIALED = 24
"""Photos whose strength is dialed through."""

Draw = Callable[[Pixels, float, str], Pixels]
"""Takes a photo, a strength and a quality."""


@dataclass(frozen=True)
class Dial:
    """How drawings leave their photos as strength grows."""

    distances: NDArray[np.float64]
    """Photos × strengths: mean absolute difference to the photo, of 255."""
    half_db: NDArray[np.float64]
    """Of each photo: PSNR of strength 0.5 to the mean of 0 and 1."""

    @property
    def grows(self) -> float:
        """Share of all steps of all photos at which the distance grows."""
        return float(np.mean(np.diff(self.distances, axis=1) > 0))

    @property
    def steps(self) -> NDArray[np.float64]:
        """Each step's part of the way, mean over photos; ten equal ones would be 0.1 each."""
        way = self.distances.mean(axis=0)
        part: NDArray[np.float64] = np.diff(way) / (way[-1] - way[0])
        return part


@dataclass(frozen=True)
class Measured:
    """Everything of one style."""

    name: str
    version: str
    evaluation: Evaluation
    zero_db: NDArray[np.float64]
    """Of each held-out photo: PSNR of strength 0 to it."""
    dial: Dial
    exact_db: dict[str, float]
    """Of each quality: PSNR to the exact ODE at strength 1, as the export measured it."""


def measure(name: str, pairs: Path) -> Measured:
    """Draw what one folder of pairs holds out, and measure."""
    held_out = HeldOut(pairs)
    style = style_of(name)
    assert style is not None, f"no style '{name}'"
    measures = make_measures(MEASURES, NETWORKS, {})
    with tempfile.TemporaryDirectory() as folder:
        draw = _without_dots(style, Path(folder) / "style")
        evaluation = evaluate(
            {
                "normal": lambda sample: draw(sample.photo, 1.0, "normal"),
                "draft": lambda sample: draw(sample.photo, 1.0, "draft"),
                "fine": lambda sample: draw(sample.photo, 1.0, "fine"),
                "normal, strength 0.5": lambda sample: draw(sample.photo, 0.5, "normal"),
            },
            held_out,
            measures,
        )
        photos = [sample.photo for sample in held_out.samples()]
        zero = [psnr(draw(photo, 0.0, "normal"), photo) for photo in photos]
        dial = _dialed(draw, spread(photos, DIALED))
    exact = {
        quality: next(row.ode_psnr_db for row in style.parity_of(quality) if row.ode_psnr_db)
        for quality in QUALITIES
    }
    return Measured(name, style.version, evaluation, np.array(zero), dial, exact)


def _without_dots(style: Style, copy: Path) -> Draw:
    copy_without_dots(style.folder, copy)
    stylizer = Stylizer(StyleLibrary([copy]))

    def draw(photo: Pixels, strength: float, quality: str) -> Pixels:
        settings = Settings(style.name, strength, quality, "native")
        return stylizer.stylize(Picture(photo), settings).rgb

    return draw


def _dialed(draw: Draw, photos: Sequence[Pixels]) -> Dial:
    distances, half_db = [], []
    for photo in photos:
        drawn = [draw(photo, strength, "normal").astype(np.float64) for strength in STRENGTHS]
        distances.append([float(np.abs(each - photo).mean()) for each in drawn])
        mean = np.rint((drawn[0] + drawn[-1]) / 2).astype(np.uint8)
        half_db.append(psnr(drawn[len(drawn) // 2].astype(np.uint8), mean))
    return Dial(np.array(distances), np.array(half_db))


def page(all_of: list[Measured], command: str) -> str:
    """Return the page as Markdown."""
    facts = describe_machine("torch", "onnxruntime")
    versions = ", ".join(f"{name} {text}" for name, text in facts["versions"].items())
    lines = [
        "# Styles against their teachers",
        "",
        f"`{command}`, {time.strftime('%-d %B %Y', time.gmtime())}: {facts['cpu']}, "
        f"{facts['cores']} cores, {versions}.",
        "",
        "Held-out photos, drawn natively at the scale of the pairs, without halftone dots. Means ± "
        "standard deviations over photos. What the numbers are: "
        "[evaluation.md](../evaluation.md). *photo* is the photo itself, what doing nothing gets.",
        "",
    ]
    for one in all_of:
        lines += [f"## `{one.name}` {one.version}", "", *_against_teacher(one), "", *_dial(one), ""]
    return "\n".join(lines)


def _against_teacher(one: Measured) -> list[str]:
    figures = one.evaluation.figures
    rows = []
    for source in (*one.evaluation.sources, PHOTO, REFERENCE):
        label = {REFERENCE: "the teacher", PHOTO: "*photo*"}.get(source, source)
        cells = [value_text(figure, figure.values.get(source)) for figure in figures]
        rows.append(f"| {label} | {' | '.join(cells)} |")
    gain = {f.name: f.values["normal"].value - f.values[PHOTO].value for f in figures}["PSNR"]
    flat = next(figure for figure in figures if figure.name == "flatness").values
    return [
        f"{one.evaluation.photos} photos, split `{one.evaluation.split_sha256[:12]}`.",
        "",
        f"| | {' | '.join(f.name + (f', {f.unit}' if f.unit else '') for f in figures)} |",
        f"|---|{'--:|' * len(figures)}",
        *rows,
        "",
        f"Normal quality is {gain:+.1f} dB nearer to the teacher than the photo; its flatness is "
        f"{flat['normal'].value / flat[REFERENCE].value:.2f} of the teacher's.",
        "",
        *(f"{note}." for note in notes(one.evaluation)),
    ]


def _dial(one: Measured) -> list[str]:
    dial = one.dial
    exact = ", ".join(f"`{name}` {db:.1f} dB" for name, db in one.exact_db.items())
    steps = " ".join(f"{100 * step:.1f}" for step in dial.steps)
    return [
        f"- Strength 0 to the photo: {_zero(one.zero_db)}.",
        f"- Eleven strengths on {len(dial.distances)} photos: the distance to the photo grows at "
        f"{100 * dial.grows:.1f} % of the steps; the ten steps are {steps} % of the way.",
        f"- Strength 0.5 is {dial.half_db.mean():.1f} ± {dial.half_db.std():.1f} dB from the mean "
        "of strengths 0 and 1.",
        f"- To the exact ODE at strength 1 (style.json): {exact}; `fine` is "
        f"{one.exact_db['fine'] - one.exact_db['draft']:.1f} dB nearer than `draft`.",
    ]


def _zero(db: NDArray[np.float64]) -> str:
    some = db[np.isfinite(db)]
    if not len(some):
        return "equal"
    return f"{some.mean():.1f} ± {some.std():.1f} dB ({some.min():.1f} to {some.max():.1f})"


def _finite(db: NDArray[np.float64]) -> list[float | None]:
    """Return values for JSON, which has no infinity: null stands for equal pictures."""
    return [None if math.isinf(value) else value for value in db.tolist()]


def plain(one: Measured) -> dict[str, object]:
    """Return everything as JSON values."""
    return {
        "name": one.name,
        "evaluation": one.evaluation.as_json(),
        "zero_db": _finite(one.zero_db),
        "distances": one.dial.distances.tolist(),
        "half_db": _finite(one.dial.half_db),
        "exact_db": one.exact_db,
    }


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description="Measure styles against their teachers.")
    parser.add_argument("styles", nargs="+", help="names or folders")
    parser.add_argument("--pairs", type=Path, default=Path("pairs"))
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--json", type=Path, help="all numbers")
    options = parser.parse_args()
    found = [measure(style, options.pairs / Path(style).name) for style in options.styles]
    command = shlex.join(["python", "scripts/measure_styles.py", *sys.argv[1:]])
    options.out.write_text(page(found, command), encoding="utf-8")
    if options.json is not None:
        text = json.dumps([plain(one) for one in found], indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
