"""Trains every method's tiny recipe on drawn scenes and says how near each came to the truth.

    python scripts/learn.py -o out/learn        # what `make learn` does: 40 minutes on two cores
    python scripts/learn.py -o out/learn --report docs/learning

Runs that are there go on where they stopped. What the drawing of a held-out scene is, is known for
methods that never see pairs too: it is measured against, not trained on. `--report` writes the
table, the curves and the grids that are committed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import draw_scenes
from learning_curves import write_curves
from nijigan.core.datasets.pair import Pair, read_pair
from nijigan.core.datasets.split import read_split
from nijigan.core.drawers import open_drawer

F64 = NDArray[np.float64]
BINS = 64


@dataclass(frozen=True)
class Lesson:
    """A method, what it learns from, and the figure of its runs that must fall to half."""

    method: str
    folder: str
    """Below the scenes; empty: all of them."""
    figure: str = "psnr"
    """Of the held-out pictures, in `metrics.jsonl` under `val/`."""
    no_op: str = "psnr_photo"
    """The same of doing nothing."""


LESSONS = (
    Lesson("nijigan", ""),
    Lesson("cut", "unpaired"),
    Lesson("ugatit", "unpaired"),
    Lesson("cyclegan", "unpaired"),
    Lesson("fastcut", "unpaired"),
    Lesson("vqi2i", "pairs"),
    Lesson("arbitrary", "unpaired", "style", "style_photo"),
    Lesson("pix2pix", "pairs"),
    Lesson("distill", "pictures"),
    Lesson("vae", "pictures", "psnr", "psnr_mean"),
)


@dataclass(frozen=True)
class Result:
    """What a run reached; errors are mean squares on [-1, 1], the style loss of `arbitrary`."""

    method: str
    steps: int
    minutes: float
    error: float
    no_op: float
    curve: float
    """Of the best curve of each color; infinite where there is no truth to fit it to."""

    @property
    def ratio(self) -> float:
        """The error over that of the better of no-op and curve."""
        return self.error / min(self.no_op, self.curve)


def train_recipe(recipe: str, data: Path, out: Path, overrides: Sequence[str] = ()) -> None:
    """Train in a process of its own, on one thread; what it says goes into a file beside `out`."""
    command = [sys.executable, "-m", "nijigan.core", "train", recipe]
    command += ["--data", str(data), "-o", str(out)]
    command += [word for override in overrides for word in ("--set", override)]
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.with_name(f"{out.name}.log").open("a", encoding="utf-8") as log:
        subprocess.run(
            command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stderr=log, stdout=log, check=True
        )


def result_of(lesson: Lesson, out: Path, curve: float) -> Result:
    """Read what a run reached at its end."""
    lines = metrics(out / lesson.method)
    last = [line for line in lines if f"val/{lesson.figure}" in line][-1]
    speeds = [line["seconds_per_step"] for line in lines if "seconds_per_step" in line]
    error, no_op = last[f"val/{lesson.figure}"], last[f"val/{lesson.no_op}"]
    if lesson.figure == "psnr":
        error, no_op = (4 / 10 ** (value / 10) for value in (error, no_op))
    minutes = float(np.mean(speeds)) * last["step"] / 60
    return Result(lesson.method, round(last["step"]), minutes, error, no_op, curve)


def metrics(run: Path) -> list[dict[str, float]]:
    """Return the lines of a run's figures."""
    text = (run / "metrics.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def curve_error(train_pairs: Sequence[Pair], held_out: Sequence[Pair]) -> float:
    """Return the error of the best curve of each color, fitted to the pairs that train.

    The geometric mean over pictures of mean squares, as a mean of PSNRs is.
    """
    photo, drawn = (_stacked(train_pairs, kind) for kind in ("photo", "drawn"))
    tables = []
    for channel in range(3):
        bins = _bins(photo[..., channel])
        count = np.bincount(bins.ravel(), minlength=BINS)
        total = np.bincount(bins.ravel(), drawn[..., channel].ravel(), minlength=BINS)
        tables.append(total / np.maximum(count, 1))
    errors = []
    for pair in held_out:
        shown, wanted = (_scaled(pixels) for pixels in (pair.photo, pair.drawn))
        fitted = np.stack([tables[c][_bins(shown[..., c])] for c in range(3)], axis=-1)
        errors.append(np.square(fitted - wanted).mean())
    return float(np.exp(np.mean(np.log(errors))))


def _stacked(pairs: Sequence[Pair], kind: str) -> F64:
    return np.stack([_scaled(getattr(pair, kind)) for pair in pairs])


def _scaled(pixels: NDArray[np.uint8]) -> F64:
    scaled: F64 = pixels / 127.5 - 1
    return scaled


def _bins(values: F64) -> NDArray[np.int_]:
    return np.clip((values + 1) / 2 * BINS, 0, BINS - 1).astype(int)


def report(results: Sequence[Result], out: Path, folder: Path) -> None:
    """Write `results.json`, the table in `README.md`, curves and the last grid of each run."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{**vars(result), "ratio": result.ratio} for result in results]
    (folder / "results.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    fill(folder / "README.md", "results", table(results))
    for result in results:
        lesson = next(lesson for lesson in LESSONS if lesson.method == result.method)
        points = [
            (line["step"], line[f"val/{lesson.figure}"])
            for line in metrics(out / lesson.method)
            if f"val/{lesson.figure}" in line
        ]
        unit = "dB" if lesson.figure == "psnr" else ""
        write_curves(folder / f"{lesson.method}.svg", {lesson.figure: points}, unit)
        grids = sorted((out / lesson.method / "samples").glob("*.png"))
        with Image.open(grids[-1]) as grid:
            grid.convert("RGB").save(folder / f"{lesson.method}.jpg", quality=90)


def fill(page: Path, name: str, text: str) -> None:
    """Write `text` between the marks `<!-- NAME -->` and `<!-- /NAME -->` of a page."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}{text}{end}{after}", encoding="utf-8")


def table(results: Sequence[Result]) -> str:
    """Return the results in Markdown."""
    lines = [
        "| method | steps | minutes | error | no-op | color curves | ratio |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for r in results:
        curve = f"{r.curve:.4f}" if np.isfinite(r.curve) else "–"
        lines.append(
            f"| {r.method} | {r.steps} | {r.minutes:.1f} | {r.error:.4f} | {r.no_op:.4f} | {curve} "
            f"| {r.ratio:.2f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-o", "--out", type=Path, default=Path("out/learn"))
    parser.add_argument("--only", nargs="*", default=[], help="some of the methods")
    parser.add_argument("--jobs", type=int, default=2, help="runs at once, one thread each")
    parser.add_argument("--report", type=Path, help="folder of the page to write for")
    options = parser.parse_args()
    lessons = [x for x in LESSONS if not options.only or x.method in options.only]
    scenes = options.out / "scenes"
    if not (scenes / "unpaired" / "split.json").is_file():
        draw_scenes.draw_set(scenes, count=200, held_out=24, seed=0)
    begin = time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        done = pool.map(
            lambda x: train_recipe(f"{x.method}_tiny", scenes / x.folder, options.out / x.method),
            lessons,
        )
        for lesson, _ in zip(lessons, done, strict=True):
            print(f"{lesson.method}: {(time.monotonic() - begin) / 60:.0f} min", file=sys.stderr)
    curves = _curves(scenes / "pairs")
    results = [result_of(x, options.out, curves.get(x.method, curves["pairs"])) for x in lessons]
    print(table(results), end="")
    if options.report:
        report(results, options.out, options.report)


def pairs_of(folder: Path) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs of a folder that train, and those that are held out."""
    split = read_split(folder)
    train_pairs, held_out = (
        [read_pair(folder, name) for name in names] for names in (split.train, split.held_out)
    )
    return train_pairs, held_out


def _curves(folder: Path) -> dict[str, float]:
    """Return what curves of colors reach: on the pairs, on the teacher's drawings; else nothing."""
    train_pairs, held_out = pairs_of(folder)
    teacher = open_drawer("teacher:cel")
    taught = [
        [replace(pair, drawn=teacher.draw(pair.photo)) for pair in pairs]
        for pairs in (train_pairs, held_out)
    ]
    return {
        "pairs": curve_error(train_pairs, held_out),
        "distill": curve_error(*taught),
        "arbitrary": np.inf,
        "vae": np.inf,
    }


if __name__ == "__main__":
    main()
