"""Measures training: seconds a step and peak memory of each way to save one of the two.

    python scripts/bench_training.py --steps 5

Every row is a process of its own, for memory that was given back once is not asked for again. It
trains the paper's network with both branches of NijiGAN and its content loss on pictures of noise,
and writes a table in Markdown. The weights of VGG19 are random too: they cost what real ones do.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nijigan.core.images import Picture, write_picture
from nijigan.core.machine import peak_memory_mib

FEATURES = "vgg19.safetensors"


@dataclass(frozen=True)
class Row:
    """One way to train."""

    label: str
    overrides: tuple[str, ...]


_RK4 = ("model.solver=rk4",)
_ADAPTIVE = ("model.solver=adaptive",)
ROWS = (
    Row("Euler, 1 step: the ResNet", ("model.solver=euler",)),
    Row("RK4, 1 step", _RK4),
    Row("RK4, checkpointing", (*_RK4, "train.checkpointing=true")),
    Row("RK4, bf16", (*_RK4, "train.bf16=true")),
    Row("RK4, bf16, NHWC", (*_RK4, "train.bf16=true", "train.channels_last=true")),
    Row("RK4, batch of 2", (*_RK4, "data.batch=2")),
    Row("RK4, batch of 2 in 2 passes", (*_RK4, "data.batch=2", "train.accumulate=2")),
    Row(
        "RK4, batch of 2 in 2 passes, checkpointing",
        (*_RK4, "data.batch=2", "train.accumulate=2", "train.checkpointing=true"),
    ),
    Row(
        "RK4, batch of 2 in 2 passes, bf16, checkpointing (nijigan_small_memory)",
        (
            *_RK4,
            "data.batch=2",
            "train.accumulate=2",
            "train.bf16=true",
            "train.checkpointing=true",
        ),
    ),
    Row("dopri5, 1 step", ("model.solver=dopri5",)),
    Row("adaptive dopri5, 1e-3", _ADAPTIVE),
    Row("adaptive dopri5, 1e-3, checkpointing", (*_ADAPTIVE, "train.checkpointing=true")),
    Row("adaptive dopri5, 1e-3, adjoint", (*_ADAPTIVE, "model.adjoint=true")),
)
_COMMON = (
    "method.warmup=0.0",
    "method.ramp=constant",
    "strength.zero=0.0",
    "strength.one=1.0",
    "data.load=0",
    "data.square=false",
)


def write_pictures(folder: Path, side: int) -> None:
    """Write pairs and unpaired pictures of noise."""
    rng = np.random.default_rng(0)
    for part in ("pairs", "unpaired"):
        for kind in ("photo", "drawn"):
            for name in ("a", "b", "c"):
                pixels = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
                write_picture(folder / part / kind / f"{name}.png", Picture(pixels))
        split = {"train": ["a", "b"], "val": ["c"]}
        (folder / part / "split.json").write_text(json.dumps(split), encoding="utf-8")


def write_features(path: Path) -> None:
    """Write random weights of VGG19."""
    import torch
    from safetensors.torch import save_file

    from nijigan.core.models.vgg19 import VGG19

    torch.manual_seed(0)
    save_file(VGG19().trunk.state_dict(), path)


def measure(row: Row, folder: str, side: int, steps: int) -> None:
    """Train and print the seconds of each step and the peak memory of this process as JSON."""
    import torch

    from nijigan.core.config import load_recipe, with_folder
    from nijigan.core.methods import create_method
    from nijigan.core.training.machine import place_pictures

    file = f"features.file={Path(folder) / FEATURES}"
    overrides = (*_COMMON, f"data.crop={side}", file, *row.overrides)
    recipe = with_folder(load_recipe("nijigan", overrides), folder)
    torch.manual_seed(0)
    method = create_method(recipe)
    pictures = method.open_pictures()
    seconds = []
    for step in range(steps + 1):
        batch = pictures.batch_of(step).apply(lambda t: place_pictures(t, recipe.train))
        begin = time.perf_counter()
        method.step(batch, step)
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": seconds[1:], "gib": _peak_gib()}))


def _peak_gib() -> float:
    if _cuda():
        import torch

        return torch.cuda.max_memory_allocated() / 2**30
    return (peak_memory_mib() or 0) / 1024


def _cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--steps", type=int, default=5, help="timed; one more comes before them")
    parser.add_argument("--side", type=int, default=256, help="of the pictures, in pixels")
    parser.add_argument("--rows", type=int, nargs="*", help="numbers of some, from 0")
    parser.add_argument("--row", type=int, help="only this one, in this process")
    parser.add_argument("--folder", default="", help="of the pictures, with --row")
    options = parser.parse_args()
    if options.row is not None:
        measure(ROWS[options.row], options.folder, options.side, options.steps)
        return
    print("| | s a picture | spread | peak GiB |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(Path(folder), options.side)
        write_features(Path(folder) / FEATURES)
        for number in options.rows or range(len(ROWS)):
            row = ROWS[number]
            command = [sys.executable, __file__, "--row", str(number), "--folder", folder]
            command += ["--steps", str(options.steps), "--side", str(options.side)]
            found = json.loads(
                subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            )
            batch = 2 if "data.batch=2" in row.overrides else 1
            each = [second / batch for second in found["seconds"]]
            low, high = min(each), max(each)
            middle = statistics.median(each)
            print(
                f"| {row.label} | {middle:.2f} | {low:.2f}–{high:.2f} | {found['gib']:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
