"""The benchmark: what it times, and what it tells."""

import json

import pytest

from nijigan.core import machine
from nijigan.core.cli import main
from nijigan.core.errors import UsageError
from nijigan.export.style import load_style
from nijigan.server import bench as module
from nijigan.server.bench import bench, make_cases


@pytest.fixture
def style(toy_style):
    return load_style(toy_style)


def ignore(done: float, what: str) -> None:
    pass


def test_cases_are_all_combinations(style):
    cases = make_cases([style], "32x16,64x64", "onnxruntime", "draft,fine")
    assert [(case.size, case.quality) for case in cases] == [
        ("32x16", "draft"), ("32x16", "fine"), ("64x64", "draft"), ("64x64", "fine"),
    ]  # fmt: skip


@pytest.mark.parametrize("size", ["512", "512x", "8x512", "axb", "-512x512", "512x512x3"])
def test_sizes_that_are_none(style, size):
    with pytest.raises(UsageError, match=f"The size is '{size}'"):
        make_cases([style], size, "onnxruntime", "normal")


def test_a_size_that_would_not_fit_in_memory(style):
    with pytest.raises(UsageError, match="99999x99999 is more than 16777216 pixels"):
        make_cases([style], "512x512, 99999x99999", "onnxruntime", "normal")


def test_a_quality_that_is_none(style):
    with pytest.raises(UsageError, match="Did you mean 'draft'"):
        make_cases([style], "32x32", "onnxruntime", "normal,drafd")


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

    monkeypatch.setattr(module, "open_engine", lambda *_: Engine())
    monkeypatch.setattr(module, "open_graph", lambda *_: Engine())
    monkeypatch.setattr(module.time, "perf_counter", lambda: clock[0])
    cases = make_cases([style], "30x20,64x64", "onnxruntime", "normal")
    small, large = bench(cases, 5, 0.0, None, ignore)
    conv = (1, 256, 64, 64)
    turn = [conv, (1, 3, 20, 32), (1, 3, 64, 64)]
    assert order[6:] == [shape for shape in turn for _ in range(2)] * 5
    assert small.iterations == 5
    assert small.p50_ms == pytest.approx(20 * 32 / 1000)
    assert small.min_ms == pytest.approx(small.p99_ms)
    assert large.conv_ratio == pytest.approx(1.0)
    assert small.conv_ratio == pytest.approx(20 * 32 / 64**2)
    assert large.pictures_per_s == pytest.approx(1e6 / 64**2)


def test_the_command(toy_style, capsys, monkeypatch):
    monkeypatch.setattr(machine, "load_average", lambda: 3.25)
    arguments = ["bench", str(toy_style), "--sizes", "32x32", "--iterations", "2", "--seconds", "0"]
    for extra in ([], ["--json"]):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, *extra])
        assert not ended.value.code
        out, err = capsys.readouterr()
        assert err == "warning: other work is running (load 3.2); times will be off.\n"
        if not extra:
            assert "p50 ms" in out
            assert "32x32" in out
    report = json.loads(out)
    assert {"cpu", "cores", "memory_gib", "os", "python", "versions"} <= report["machine"].keys()
    (row,) = report["rows"]
    assert row["iterations"] == 2
    assert 0 < row["min_ms"] <= row["p50_ms"] <= row["p90_ms"] <= row["p99_ms"]
    assert row["conv_ratio"] == pytest.approx(row["p50_ms"] / row["conv_p50_ms"])
