"""Run folders as the page reads them, whole, broken and half written; and their curves."""

import json
from xml.etree import ElementTree

import pytest

from nijigan.studio.curves import panel, thinned
from nijigan.studio.runs import find_runs, read_run

CONFIG = '[model]\nname = "nijigan"\n[method]\nname = "pix2pix"\n[train]\nsteps = 500\n'


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "runs/one"
    (folder / "samples").mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG)
    lines = [{"step": 10, "l1": 0.5}, {"step": 20, "l1": 0.25, "val/psnr": 20.0}]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for step in (20, 10):
        (folder / f"samples/step_{step:07d}.png").touch()
    return folder


def test_a_run(run):
    found = read_run(run, "one")
    assert (found.method, found.model, found.steps, found.step) == ("pix2pix", "nijigan", 500, 20)
    assert found.figures == {"l1": [(10, 0.5), (20, 0.25)], "val/psnr": [(20, 20.0)]}
    assert [path.name for path in found.samples] == ["step_0000010.png", "step_0000020.png"]
    assert found.trouble == ()


def test_a_line_that_is_being_written_is_left_for_later(run):
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"step": 30, "l1"')
    found = read_run(run, "one")
    assert (found.step, found.trouble) == (20, ())


def test_what_is_broken_is_told_and_the_rest_shown(run):
    (run / "config.toml").write_text("model = [")
    with (run / "metrics.jsonl").open("a") as file:
        file.write('oops\n[1]\n{"l1": 3}\n{"step": 30, "l1": NaN}\n{"step": 40, "l1": 0.1}\n')
    found = read_run(run, "one")
    assert found.step == 40
    assert found.figures["l1"][-1] == (40, 0.1)
    first, second = found.trouble
    assert "config.toml cannot be read" in first
    assert second == "3 of 7 lines of its metrics.jsonl cannot be read."


@pytest.mark.parametrize("content", [None, ""])
def test_a_run_that_has_just_begun(tmp_path, content):
    (tmp_path / "config.toml").write_text(CONFIG)
    if content is not None:
        (tmp_path / "metrics.jsonl").write_text(content)
    found = read_run(tmp_path, "new")
    assert found.trouble == ("It has no figures yet.",)
    assert (found.figures, found.step) == ({}, 0)


def test_runs_are_found_where_they_are(run, tmp_path):
    (tmp_path / "runs/group/two").mkdir(parents=True)
    (tmp_path / "runs/group/two/metrics.jsonl").touch()
    (tmp_path / "runs/.hidden").mkdir()
    (tmp_path / "runs/.hidden/metrics.jsonl").touch()
    runs = tmp_path / "runs"
    assert find_runs(runs) == [runs / "group/two", runs / "one"]
    assert find_runs(run) == [run]
    assert find_runs(tmp_path / "none") == []


def test_a_panel_has_a_line_for_each_run():
    drawn = panel("val/<psnr>", {0: [(0, 1.0), (100, 3.0)], 2: [(50, 2.0)]})
    figure = ElementTree.fromstring(drawn)
    (line,) = figure.iter("polyline")
    (start, end) = (tuple(map(float, p.split(","))) for p in line.get("points").split())
    assert start[0] < end[0]
    assert start[1] > end[1]  # a larger value is higher
    (dot,) = figure.iter("circle")
    assert float(dot.get("cx")) == pytest.approx((start[0] + end[0]) / 2, abs=0.1)
    assert float(dot.get("cy")) == pytest.approx((start[1] + end[1]) / 2, abs=0.1)
    assert figure.find("figcaption").text == "val/<psnr>"
    assert "run 1 ends at 3" in figure.find("svg").get("aria-label")


def test_a_figure_that_never_changes_can_be_drawn():
    assert "polyline" in panel("lr", {0: [(0, 0.0), (10, 0.0)]})


def test_long_runs_are_thinned_by_means():
    points = [(n, float(n % 2)) for n in range(10_000)]
    thin = thinned(points)
    assert len(thin) < 300
    assert all(value == pytest.approx(0.5, abs=0.02) for _, value in thin[:-2])
    assert thin[-1] == points[-1]
    steps = [step for step, _ in thin]
    assert steps == sorted(set(steps))
