"""The benchmark: what it times, what it tells, and what it finds to have changed."""

import json
import shutil
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from nijigan.core.cli import main
from nijigan.core.errors import CheckFailedError, DataError, SidecarError, UsageError
from nijigan.export.style import load_style
from nijigan.server.bench import end_to_end as end_to_end_module
from nijigan.server.bench import measure, report, rounds
from nijigan.server.bench.case import Matrix
from nijigan.server.bench.cold import cold_start
from nijigan.server.bench.diff import changes
from nijigan.server.bench.end_to_end import end_to_end
from nijigan.server.bench.plot import draw_plot, on_front
from nijigan.server.bench.ratio import ratio_of_medians
from nijigan.server.bench.report import Report, read_report
from nijigan.server.bench.rounds import Timed
from nijigan.server.bench.row import Row


@pytest.fixture
def style(toy_style):
    return load_style(toy_style)


def row(**changes):
    """A row whose rounds all took the same time, of which `p50_ms` can be set."""
    p50 = changes.get("p50_ms", 10.0)
    values = dict.fromkeys(Row.__dataclass_fields__, 1.0)
    values |= {"style": "toy", "style_sha256": "", "size": "64x64", "quality": "normal"}
    values |= {"engine": "onnxruntime", "precision": "fp32", "threads": None, "concurrency": 1}
    values |= {"times_ms": [p50] * 20, "conv_times_ms": [1.0] * 20, "parity_psnr_db": 50.0}
    return Row(**values | {"p50_ms": p50, "p90_ms": p50, "conv_ratio": p50} | changes)


def test_cases_are_all_combinations(style):
    matrix = Matrix("32x16,64x64", "onnxruntime", "draft,fine", "1,2")
    assert [(case.size, case.quality, case.concurrency) for case in matrix.cases([style])] == [
        ("32x16", "draft", 1), ("32x16", "draft", 2), ("32x16", "fine", 1), ("32x16", "fine", 2),
        ("64x64", "draft", 1), ("64x64", "draft", 2), ("64x64", "fine", 1), ("64x64", "fine", 2),
    ]  # fmt: skip


def test_a_style_of_one_size_is_timed_at_it_once(style):
    cases = Matrix("32x16,64x64").cases([replace(style, fixed_size=48)])
    assert [case.size for case in cases] == ["48x48"]


@pytest.mark.parametrize("size", ["512", "512x", "8x512", "axb", "-512x512", "512x512x3"])
def test_sizes_that_are_none(style, size):
    with pytest.raises(UsageError, match=f"The size is '{size}'"):
        Matrix(size).cases([style])


def test_a_size_that_would_not_fit_in_memory(style):
    with pytest.raises(UsageError, match="99999x99999 is more than 16777216 pixels"):
        Matrix("512x512, 99999x99999").cases([style])


@pytest.mark.parametrize(
    ("matrix", "fault"),
    [
        (Matrix(qualities="normal,drafd"), "Did you mean 'draft'"),
        (Matrix(concurrency="1,0"), "pictures at once is '0'"),
    ],
)
def test_values_that_are_none(style, matrix, fault):
    with pytest.raises(UsageError, match=fault):
        matrix.cases([style])


def test_rows_and_reference_are_timed_in_turn(style, monkeypatch):
    """With a clock that a run moves by its picture's pixels, every figure is known.

    A run that comes after that of another engine is ten times as slow: it must not be counted.
    """
    order: list[tuple[int, ...]] = []
    clock = [0.0]

    class Engine:
        name = "fake"

        def run(self, image, strength, cancel):
            slow = 1 if order[-1:] == [image.shape] else 10
            order.append(image.shape)
            clock[0] += slow * image.shape[2] * image.shape[3] / 1e6
            return image

    monkeypatch.setattr(measure, "open_engine", lambda *_: Engine())
    monkeypatch.setattr(measure, "open_graph", lambda *_: Engine())
    monkeypatch.setattr(rounds.time, "perf_counter", lambda: clock[0])
    cases = Matrix("30x20,64x64").cases([style])
    small, large = measure.bench(cases, 5, 0.0, cold=False)
    conv = (1, 256, 64, 64)
    turn = [conv, (1, 3, 20, 32), (1, 3, 64, 64)]
    warm_ups = small.warm_ups + large.warm_ups + 6
    assert order[warm_ups:] == [shape for shape in turn for _ in range(2)] * 5
    assert small.iterations == 5
    assert small.p50_ms == pytest.approx(20 * 32 / 1000)
    assert small.min_ms == pytest.approx(small.p99_ms)
    assert large.conv_ratio == large.conv_ratio_low == pytest.approx(1.0)
    assert small.conv_ratio == pytest.approx(20 * 32 / 64**2)
    assert large.pictures_per_s == pytest.approx(1e6 / 64**2)
    assert large.conv_gflops == pytest.approx(2 * 256 * 256 * 9 / 1e3)


def test_warming_up_goes_on_until_times_are_stable(monkeypatch):
    clock, takes = [0.0], iter([9, 8, 7, 6, 5, 4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2])

    def run():
        clock[0] += next(takes)

    monkeypatch.setattr(rounds.time, "perf_counter", lambda: clock[0])
    timed = Timed(run)
    timed.warm_up()
    assert timed.warm_ups == 12  # the last six are 3 and five times 2: both medians are 2
    assert timed.milliseconds == []


def test_pictures_at_once_are_drawn_at_the_same_time():
    from threading import Barrier

    together = Barrier(3, timeout=10)  # breaks unless three wait
    timed = Timed(together.wait, at_once=3)
    timed.time()
    assert len(timed.milliseconds) == 3
    assert len(timed.round_milliseconds) == 1


def test_a_fresh_process_tells_of_loading_and_memory(style):
    (case,) = Matrix("32x32").cases([style])
    cold = cold_start(case)
    assert cold.load_ms > 0
    assert cold.first_ms > 0
    assert cold.peak_mib > 10


def test_the_interval_of_a_ratio_has_the_truth_in_19_of_20():
    rng = np.random.default_rng(0)
    hits = 0
    for seed in range(200):
        speed = rng.uniform(1, 2, 40)  # of the machine, which changes from round to round
        times = 3 * speed * rng.normal(1, 0.05, 40)
        ratio = ratio_of_medians(times, speed * rng.normal(1, 0.05, 40), seed)
        hits += ratio.low <= 3 <= ratio.high
    assert hits >= 180


def test_a_change_is_told_from_noise():
    rng = np.random.default_rng(0)

    def timed(milliseconds, machine=1.0):
        noise = rng.normal(1, 0.03, 30)
        times = list(machine * milliseconds * noise)
        return Report({}, (row(times_ms=times, conv_times_ms=list(machine * noise)),))

    verdicts = {
        name: changes(timed(100), after, tolerance=0.05)[0].verdict
        for name, after in {
            "again": timed(100),
            "a slower machine": timed(100, machine=3),
            "a slower style": timed(115),
            "a faster style": timed(80),
        }.items()
    }
    assert list(verdicts.values()) == ["same", "same", "slower", "faster"]


def test_reports_of_different_cases_cannot_be_compared():
    with pytest.raises(DataError, match="no case in common"):
        changes(Report({}, (row(),)), Report({}, (row(size="8x8"),)), 0.05)


def test_the_front_is_what_nothing_beats():
    fast, exact, beaten = row(p50_ms=5.0), row(p50_ms=20.0, parity_psnr_db=80.0), row(p50_ms=30.0)
    rows = [fast, exact, beaten, replace(fast, quality="fine")]
    assert [on_front(one, rows) for one in rows] == [True, True, False, True]


def test_the_plot_names_the_front_alone():
    rows = (row(p50_ms=5.0), row(p50_ms=30.0, quality="fine"))
    drawing = ElementTree.fromstring(draw_plot(Report({}, rows)))
    texts = [node.text for node in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert "normal" in texts
    assert "fine" not in texts


def test_nothing_can_be_plotted_without_a_psnr():
    with pytest.raises(DataError, match="No row has a PSNR"):
        draw_plot(Report({}, (row(parity_psnr_db=None),)))


def test_a_report_is_read_as_it_was_written(tmp_path):
    written = Report({"cpu": "x"}, (row(), row(size="32x32")))
    (tmp_path / "a.json").write_text(written.as_json())
    assert read_report(tmp_path / "a.json") == written


@pytest.mark.parametrize("text", ["", "[]", '{"machine": {}}', '{"machine": {}, "rows": [{}]}'])
def test_a_file_that_is_no_report(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DataError, match="report"):
        read_report(tmp_path / "a.json")


@pytest.fixture
def command(toy_style, capsys, monkeypatch):
    """Run `nijigan bench` with more arguments; returns stdout and stderr."""
    monkeypatch.setattr(report, "load_average", lambda: 3.25)

    def call(*arguments):
        options = ["--sizes", "32x32", "--iterations", "2", "--seconds", "0"]
        with pytest.raises(SystemExit) as ended:
            main(["bench", str(toy_style), *options, *map(str, arguments)])
        assert not ended.value.code
        return capsys.readouterr()

    return call


def test_the_command(command):
    table = command("--no-cold")
    assert "warning: other work is running (load 3.2); times will be off.\n" in table.err
    assert "p50 ms" in table.out
    assert "32x32" in table.out
    assert "| 32x32 | normal | onnxruntime | fp32 | 1 | 2 |" in command("--markdown").out
    found = json.loads(command("--json").out)
    assert {"cpu", "cores", "memory_gib", "os", "python", "versions"} <= found["machine"].keys()
    (timed,) = found["rows"]
    assert timed["iterations"] == 2
    assert 0 < timed["min_ms"] <= timed["p50_ms"] <= timed["p95_ms"] <= timed["p99_ms"]
    assert timed["conv_ratio"] == pytest.approx(timed["p50_ms"] / timed["conv_p50_ms"], rel=0.05)
    assert timed["first_ms"] > 0


def test_a_regression_fails(tmp_path, capsys):
    for name, milliseconds in {"before": 10.0, "after": 12.0}.items():
        report_of = Report({}, (row(p50_ms=milliseconds),))
        (tmp_path / f"{name}.json").write_text(report_of.as_json())
    paths = [str(tmp_path / "before.json"), str(tmp_path / "after.json")]
    with pytest.raises(SystemExit) as ended:
        main(["bench", "diff", *paths])
    assert ended.value.code == CheckFailedError.exit_code
    out, err = capsys.readouterr()
    assert "slower" in out
    assert "1 of 1 became slower by more than 5 %" in err
    with pytest.raises(SystemExit) as ended:
        main(["bench", "diff", *paths[::-1]])
    assert not ended.value.code


def test_whole_requests_are_split(command):
    found = json.loads(command("--end-to-end", "--json").out)
    assert [row["way"] for row in found["rows"]] == ["RGBA8, file", "RGBA8, wire", "PNG"]
    for trip in found["rows"]:
        assert trip["echo_ms"] > 0
        parts = [trip[f"{part}_ms"] for part in ("queue", "decode", "compute", "encode", "wire")]
        assert min(parts) >= 0
        assert 0.5 * trip["total_ms"] < sum(parts) < 2 * trip["total_ms"]
        assert 0 < trip["overhead"] < 1


def test_a_style_and_its_int8_version_have_a_sidecar_each(style, tmp_path, monkeypatch):
    shutil.copytree(style.folder, tmp_path / "int8")
    other = replace(style, folder=tmp_path / "int8", precision="int8")
    started, sidecar = [], end_to_end_module._sidecar

    def noted(folder, *arguments):
        started.append(folder)
        return sidecar(folder, *arguments)

    monkeypatch.setattr(end_to_end_module, "_sidecar", noted)
    trips = end_to_end(Matrix("32x32").cases([style, other]), 1)
    assert started == [style.folder, other.folder]
    assert [trip.precision for trip in trips] == ["fp32"] * 3 + ["int8"] * 3


@pytest.mark.parametrize("option", [("--markdown",), ("--no-cold",), ("--concurrency", "1,4")])
def test_options_that_whole_requests_do_not_have_are_refused(toy_style, capsys, option):
    with pytest.raises(SystemExit) as ended:
        main(["bench", str(toy_style), "--end-to-end", *option])
    assert ended.value.code == UsageError.exit_code
    assert "--end-to-end is of one request after the other" in capsys.readouterr().err


def test_a_sidecar_that_does_not_start_is_told(style):
    cases = Matrix("32x32", "onnxruntime:none").cases([style])
    with pytest.raises(SidecarError, match="did not start: error: The engine 'onnxruntime'"):
        end_to_end(cases, 1)
