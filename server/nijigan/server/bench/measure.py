"""Times cases in turn with a reference convolution of each engine."""

from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np

from nijigan.server.bench.case import Case
from nijigan.server.bench.cold import Cold, cold_start
from nijigan.server.bench.picture import noise, noise_picture
from nijigan.server.bench.ratio import ratio_of_medians
from nijigan.server.bench.rounds import Timed, time_in_turn
from nijigan.server.bench.row import Row
from nijigan.server.cancel import Cancel
from nijigan.server.engines import Engine, is_remote, open_engine, open_graph
from nijigan.server.engines.device_times import DeviceTimes, HasDevice

CONV = Path(__file__).parent.parent / "data" / "conv256.onnx"
"""256→256 channels, 3×3; timed at 64×64. Written by scripts/generate_conv_graph.py."""
_DEVICE_RUNS = 9
_CONV_FLOATING_POINT_OPERATIONS = 2 * 256 * 256 * 9 * 64 * 64


def bench(
    cases: Sequence[Case],
    iterations: int,
    seconds: float,
    progress: Callable[[float, str], None] = lambda _done, _what: None,
    cold: bool = True,
    open_case: Callable[[Case], Engine] | None = None,
    open_conv: Callable[[str, int | None], Engine] | None = None,
) -> list[Row]:
    """Time the cases in turn, at least `iterations` times and for at least `seconds`.

    Args:
        cases: what to time.
        iterations, seconds: of the rounds.
        progress: told the part that is done, and what is being done.
        cold: whether to measure loading, the first picture and memory too, each case in a process
            of its own.
        open_case, open_conv: what opens a case, and the reference convolution for an engine and
            threads; the engines that styles are drawn with if not given.

    Raises:
        EngineError, UsageError, MissingExtraError: see `open_engine`.
    """
    open_case, open_conv = open_case or _open_case, open_conv or _open_conv
    colds: list[Cold | None] = [None for _ in cases]
    if cold:
        for number, case in enumerate(cases):
            progress(0.0, f"starting {number + 1} of {len(cases)}")
            colds[number] = cold_start(case)
    convs = {
        (name, threads): Timed(_runs(open_conv(name, threads), noise(256, 64, 64)))
        for name, threads in dict.fromkeys((case.engine, case.threads) for case in cases)
    }
    engines = [open_case(case) for case in cases]
    timed = [
        Timed(
            _runs(engine, noise_picture(case.width, case.height, case.style.input_multiple)),
            case.concurrency,
        )
        for case, engine in zip(cases, engines, strict=True)
    ]
    time_in_turn([*convs.values(), *timed], iterations, seconds, progress)
    found = zip(cases, engines, timed, colds, strict=True)
    return [
        _row(case, engine, one, convs[case.engine, case.threads], first)
        for case, engine, one, first in found
    ]


def _open_case(case: Case) -> Engine:
    return open_engine(case.style, case.quality, case.engine, case.threads)


def _open_conv(engine: str, threads: int | None) -> Engine:
    # What draws elsewhere is held against this machine: that is what it saves, or not.
    return open_graph(CONV, "onnxruntime" if is_remote(engine) else engine, threads)


def _device_times(case: Case, engine: Engine) -> DeviceTimes | None:
    """Return the medians of where the time goes on a device, where the engine has one."""
    if not isinstance(engine, HasDevice):
        return None
    image = noise_picture(case.width, case.height, case.style.input_multiple)
    runs = [astuple(engine.device_times(image, 1.0)) for _ in range(_DEVICE_RUNS)]
    return DeviceTimes(*(float(median) for median in np.median(runs, axis=0)))


def _runs(engine: Engine, image: np.ndarray) -> Callable[[], object]:
    return lambda: engine.run(image, 1.0, Cancel())


def _row(case: Case, engine: Engine, timed: Timed, conv: Timed, cold: Cold | None) -> Row:
    times = np.asarray(timed.milliseconds)
    p50, p90, p95, p99 = (float(p) for p in np.percentile(times, [50, 90, 95, 99]))
    # Of a round with several pictures at once, each waits for the others: the round is compared.
    ratio = ratio_of_medians(
        timed.round_milliseconds, [case.concurrency * ms for ms in conv.milliseconds]
    )
    conv_p50 = float(np.median(conv.milliseconds))
    parity = case.style.parity_of(case.quality)
    device = _device_times(case, engine)
    return Row(
        style=case.style.name,
        style_sha256=case.style.sha256[case.style.qualities[case.quality].file],
        size=case.size,
        quality=case.quality,
        engine=engine.name,
        precision=case.style.precision,
        threads=case.threads,
        concurrency=case.concurrency,
        warm_ups=timed.warm_ups,
        iterations=len(times),
        min_ms=float(times.min()),
        mean_ms=float(times.mean()),
        p50_ms=p50,
        p90_ms=p90,
        p95_ms=p95,
        p99_ms=p99,
        pictures_per_s=1000 * len(times) / sum(timed.round_milliseconds),
        first_ms=None if cold is None else cold.first_ms,
        load_ms=None if cold is None else cold.load_ms,
        upload_ms=None if device is None else device.upload_ms,
        compute_ms=None if device is None else device.compute_ms,
        download_ms=None if device is None else device.download_ms,
        peak_mib=None if cold is None else cold.peak_mib,
        conv_p50_ms=conv_p50,
        conv_gflops=_CONV_FLOATING_POINT_OPERATIONS / conv_p50 / 1e6,
        conv_ratio=ratio.value,
        conv_ratio_low=ratio.low,
        conv_ratio_high=ratio.high,
        parity_psnr_db=min((row.psnr_db for row in parity), default=None),
        parity_ssim=min((row.ssim for row in parity if row.ssim is not None), default=None),
        times_ms=[round(ms, 3) for ms in timed.round_milliseconds],
        conv_times_ms=[round(ms, 3) for ms in conv.milliseconds],
    )
