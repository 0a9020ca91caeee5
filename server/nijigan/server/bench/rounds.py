"""Times styles, beside one convolution that says how fast the machine is."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import UsageError
from nijigan.core.images import MIN_SIDE, pad_to_multiple, to_tensor
from nijigan.core.nearest import did_you_mean
from nijigan.export.style import QUALITIES, Style
from nijigan.server.cancel import Cancel
from nijigan.server.engines import Engine, open_engine, open_graph

# 256→256 channels, 3×3; timed at 64×64. Written by scripts/generate_conv_graph.py.
_CONV = Path(__file__).parent / "data" / "conv256.onnx"
_WARM_UP_RUNS = 2
_MOST_PIXELS = 4096 * 4096


@dataclass(frozen=True)
class Case:
    """What is to be timed: one picture of `width` × `height` pixels."""

    style: Style
    width: int
    height: int
    quality: str
    engine: str

    @property
    def size(self) -> str:
        """As on the command line."""
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class Row:
    """What was timed. Times in milliseconds, of the network alone on a picture in memory.

    conv_ratio: p50 over the p50 of the reference convolution, timed in turn with it, so that
    figures of two machines can be compared. parity_psnr_db: the worst that the style tells of its
    graph against its generator.
    """

    style: str
    size: str
    quality: str
    engine: str
    precision: str
    threads: int | None
    iterations: int
    min_ms: float
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    pictures_per_s: float
    conv_p50_ms: float
    conv_ratio: float
    parity_psnr_db: float | None


def make_cases(styles: Sequence[Style], sizes: str, engines: str, qualities: str) -> list[Case]:
    """All combinations of styles and of comma-separated sizes ("512x512"), engines and qualities.

    Raises:
        UsageError: a size or a quality that is none.
    """
    for quality in qualities.split(","):
        if quality not in QUALITIES:
            raise UsageError(f"No quality is named {quality!r}.", did_you_mean(quality, QUALITIES))
    return [
        Case(style, *_size_of(style, size), quality, engine)
        for style in styles
        for size in sizes.split(",")
        for quality in qualities.split(",")
        for engine in engines.split(",")
    ]


def bench(
    cases: Sequence[Case],
    iterations: int,
    seconds: float,
    threads: int | None,
    progress: Callable[[float, str], None],
) -> list[Row]:
    """Time each case at least `iterations` times, and go on until `seconds` have gone by.

    Each round times every case once and the reference convolution once for each engine, so that
    whatever else the machine does meets all of them alike. Before it is timed a case runs once
    untimed: cold caches, and threads of the case before that still spin, are not its own.

    Raises:
        EngineError, UsageError: see `open_engine`.
    """
    convs = {
        name: _Timed(open_graph(_CONV, name, threads), _noise(256, 64, 64))
        for name in dict.fromkeys(case.engine for case in cases)
    }
    rows = [_timed_case(case, threads) for case in cases]
    for timed in (*convs.values(), *rows):
        for _ in range(_WARM_UP_RUNS):
            timed.run()
    began, done = time.monotonic(), 0
    while done < iterations or time.monotonic() - began < seconds:
        for timed in (*convs.values(), *rows):
            timed.run()
            timed.time()
        done += 1
        passed = (time.monotonic() - began) / seconds if seconds else 1.0
        progress(min(done / iterations, passed, 1.0), f"round {done}")
    return [
        _row(case, row.milliseconds, convs[case.engine].milliseconds, threads)
        for case, row in zip(cases, rows, strict=True)
    ]


class _Timed:
    """An engine, its input, and how long each timed run took."""

    def __init__(self, engine: Engine, image: NDArray[np.float32]) -> None:
        self.milliseconds: list[float] = []
        self._engine, self._image = engine, image

    def run(self) -> None:
        self._engine.run(self._image, 1.0, Cancel())

    def time(self) -> None:
        began = time.perf_counter()
        self.run()
        self.milliseconds.append(1000 * (time.perf_counter() - began))


def _timed_case(case: Case, threads: int | None) -> _Timed:
    levels = 255 * (_noise(3, case.height, case.width)[0].transpose(1, 2, 0) + 1) / 2
    rgb = pad_to_multiple(levels.astype(np.uint8), case.style.input_multiple)
    return _Timed(open_engine(case.style, case.quality, case.engine, threads), to_tensor(rgb))


def _row(case: Case, times: list[float], conv: list[float], threads: int | None) -> Row:
    p50, p90, p99 = np.percentile(times, [50, 90, 99])
    conv_p50 = float(np.median(conv))
    parity = [row.psnr_db for row in case.style.parity_of(case.quality)]
    return Row(
        style=case.style.name,
        size=case.size,
        quality=case.quality,
        engine=case.engine,
        precision="fp32",
        threads=threads,
        iterations=len(times),
        min_ms=min(times),
        mean_ms=float(np.mean(times)),
        p50_ms=float(p50),
        p90_ms=float(p90),
        p99_ms=float(p99),
        pictures_per_s=1000 / float(np.mean(times)),
        conv_p50_ms=conv_p50,
        conv_ratio=float(p50) / conv_p50,
        parity_psnr_db=min(parity, default=None),
    )


def _noise(channels: int, height: int, width: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (1, channels, height, width)).astype(np.float32)


def _size_of(style: Style, text: str) -> tuple[int, int]:
    """Width and height to time a style at: what was asked for, or the only size that it draws."""
    width, height = _parse_size(text)
    return (width, height) if style.fixed_size is None else (style.fixed_size, style.fixed_size)


def _parse_size(text: str) -> tuple[int, int]:
    width, _, height = text.strip().partition("x")
    if not (width.isdecimal() and height.isdecimal()) or min(int(width), int(height)) < MIN_SIDE:
        raise UsageError(
            f"The size is {text!r}.", f"Give WIDTHxHEIGHT, each {MIN_SIDE} or more: 512x512."
        )
    if int(width) * int(height) > _MOST_PIXELS:
        raise UsageError(
            f"The size {text} is more than {_MOST_PIXELS} pixels, and pictures are timed whole.",
            "Give a smaller one.",
        )
    return int(width), int(height)
