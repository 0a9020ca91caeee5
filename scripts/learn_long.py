"""Trains what takes hours: NijiGAN's parts against each other, CUT and CycleGAN for long.

    python scripts/learn_long.py -o out/learn-long        # what `make learn-long` does
    python scripts/learn_long.py -o out/learn-long --report docs/learning

NijiGAN with both branches, each of the two alone, and with one Euler step in each block, which is a
ResNet of the same weights; three seeds of each. The loss of content left out, and half as heavy
again, as in the report's ablation; one seed. CUT and CycleGAN between two unpaired domains, twice
as long as their recipes say. Runs that are there go on where they stopped.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import draw_scenes
from learn import fill, metrics, train_recipe
from learning_curves import write_curves

SEEDS = (0, 1, 2)
VARIANTS: dict[str, tuple[str, ...]] = {
    "both branches": (),
    "supervised alone": ("method.gan=0.0", "method.hdce=0.0", "method.src=0.0"),
    "unsupervised alone": ("method.pair=0.0",),
    "ResNet (one Euler step)": ("model.solver=euler",),
}
ONE_SEED: dict[str, tuple[str, ...]] = {
    "no loss of content": ("method.content=0.0",),
    "content 45": ("method.content=45.0",),
}
UNPAIRED: dict[str, tuple[str, ...]] = {
    "CycleGAN": ("train.steps=4000", "train.sample_every=500"),
    "CUT": ("train.steps=3000", "train.sample_every=500"),
}


@dataclass(frozen=True)
class Run:
    """One run of this page."""

    variant: str
    seed: int
    folder: Path
    recipe: str
    data: Path
    overrides: tuple[str, ...]


def plan(out: Path) -> list[Run]:
    """Return all runs, seed by seed, so that an early stop has every variant."""
    scenes = out / "scenes"
    runs = [
        Run(
            name,
            seed,
            out / f"{name.split(' (')[0].lower().replace(' ', '-')}-{seed}",
            "nijigan_tiny",
            scenes,
            (*overrides, f"train.seed={seed}"),
        )
        for seed in SEEDS
        for name, overrides in (VARIANTS | ONE_SEED if seed == 0 else VARIANTS).items()
    ]
    unpaired = [
        Run(name, 0, out / name.lower(), f"{name.lower()}_tiny", scenes / "unpaired", overrides)
        for name, overrides in UNPAIRED.items()
    ]
    # The two that take longest are not left to the end, when one process would wait.
    return [*runs[: len(VARIANTS)], *unpaired, *runs[len(VARIANTS) :]]


def train(run: Run) -> None:
    """Train one run to its end."""
    train_recipe(run.recipe, run.data, run.folder, run.overrides)


def last_of(run: Run, figure: str) -> float:
    """Return the last value of a figure of the held-out pictures."""
    return [line[f"val/{figure}"] for line in metrics(run.folder) if f"val/{figure}" in line][-1]


def shares_of(runs: Sequence[Run]) -> dict[str, float]:
    """Return each loss's share of the generator's gradient, the mean over runs and steps."""
    found: dict[str, list[float]] = {}
    for run in runs:
        for line in metrics(run.folder):
            for name, value in line.items():
                if name.startswith("share/"):
                    found.setdefault(name.removeprefix("share/"), []).append(value)
    return {name: statistics.fmean(values) for name, values in found.items()}


def table(runs: Sequence[Run]) -> str:
    """Return the figures with their spread over seeds, and the shares, in Markdown."""
    lines = [
        "| | PSNR to the truth | seeds | photo itself | strength 0 | shares of the gradient |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in dict.fromkeys(run.variant for run in runs):
        mine = [run for run in runs if run.variant == name]
        reached = [last_of(run, "psnr") for run in mine]
        spread = f" ± {statistics.stdev(reached):.2f}" if len(reached) > 1 else ""
        shares = shares_of(mine)
        shown = ", ".join(f"{k} {v:.0%}" for k, v in sorted(shares.items(), key=lambda x: -x[1]))
        lines.append(
            f"| {name} | {statistics.fmean(reached):.2f}{spread} dB | {len(reached)} "
            f"| {last_of(mine[0], 'psnr_photo'):.2f} dB "
            f"| {statistics.fmean(last_of(run, 'psnr_zero') for run in mine):.2f} dB | {shown} |"
        )
    return "\n".join(lines) + "\n"


def report(runs: Sequence[Run], folder: Path) -> None:
    """Write the table in `README.md`, its numbers, the curves of the first seed, and grids."""
    folder.mkdir(parents=True, exist_ok=True)
    fill(folder / "README.md", "long", table(runs))
    rows = [
        {"variant": run.variant, "seed": run.seed, "psnr": last_of(run, "psnr")} for run in runs
    ]
    (folder / "long.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    first = [run for run in runs if run.seed == 0]
    curves = {
        run.variant: [(x["step"], x["val/psnr"]) for x in metrics(run.folder) if "val/psnr" in x]
        for run in first
        if run.variant not in UNPAIRED
    }
    write_curves(folder / "long-nijigan.svg", curves, "dB")
    for run in first:
        grid = sorted((run.folder / "samples").glob("*.png"))[-1]
        with Image.open(grid) as picture:
            picture.convert("RGB").save(folder / f"long-{run.folder.name}.jpg", quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-o", "--out", type=Path, default=Path("out/learn-long"))
    parser.add_argument("--jobs", type=int, default=2, help="runs at once, one thread each")
    parser.add_argument("--report", type=Path, help="folder of the page to write for")
    parser.add_argument("--only-report", action="store_true", help="of the runs that are there")
    options = parser.parse_args()
    runs = plan(options.out)
    if options.only_report:
        runs = [run for run in runs if (run.folder / "checkpoints" / "latest").is_file()]
    else:
        if not (options.out / "scenes" / "unpaired" / "split.json").is_file():
            draw_scenes.draw_set(options.out / "scenes", count=200, held_out=24, seed=0)
        with ThreadPoolExecutor(options.jobs) as pool:
            for run, _ in zip(runs, pool.map(train, runs), strict=True):
                print(f"{run.folder.name} is done", file=sys.stderr)
    print(table(runs), end="")
    if options.report:
        report(runs, options.report)


if __name__ == "__main__":
    main()
