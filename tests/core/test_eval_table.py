"""The tables of quality and cost, and what an ablation shows."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from nijigan.core.cli import build_app
from nijigan.core.config import load_recipe, with_folder
from nijigan.core.errors import UsageError
from nijigan.core.evaluation import table as eval_table
from nijigan.core.evaluation.drawing_cost import DrawingCost, time_drawing
from nijigan.core.evaluation.held_out import HeldOut
from nijigan.core.evaluation.measures import make_measures
from nijigan.core.evaluation.table import as_markdown, compare
from nijigan.core.models.summary import summarize
from nijigan.core.training.loop import train


@pytest.fixture
def runs(pairs_folder, tmp_path):
    """Two runs that differ in one weight and in where they ran."""
    for name, overrides in (
        ("a", ()),
        ("b", ("method.l1=20", "train.log_every=2", "model.solver=midpoint")),
    ):
        recipe = with_folder(load_recipe("tiny", overrides), str(pairs_folder))
        train(recipe, tmp_path / name)
    return [str(tmp_path / "a"), str(tmp_path / "b")]


@pytest.fixture
def untimed(monkeypatch):
    """Times nothing; notes what it was asked to."""
    asked = []

    def note(source, solver, photos):
        asked.append((source, solver, len(list(photos))))
        return DrawingCost(1.0, 8.0, 123.4)

    monkeypatch.setattr(eval_table, "time_drawing", note)
    return asked


def table(sources, data, solvers=()):
    measures = make_measures(["psnr", "flatness"], [], {})
    return compare(sources, solvers, HeldOut(data), measures, lambda _done, _what: None)


def lines(text):
    """The cells of each line of the tables, by the first."""
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in rows}


def test_both_tables_have_every_source(pairs_folder, runs, toy_style, untimed):
    drawn = str(pairs_folder / "drawn")
    comparison = table([*runs, str(toy_style), "teacher:cel", drawn], pairs_folder)
    names = ["a", "b", "toy", "teacher:cel", "pairs/drawn"]
    assert [row.name for row in comparison.rows] == names
    text = as_markdown(comparison)
    quality, costs = text.split("GMAC:")[0], text.split("GMAC:")[1]
    for name in names:
        assert f"| {name} |" in quality
        assert f"| {name} |" in costs
    assert "| photo (no-op) |" in quality
    assert "| reference |" in quality
    config = {"ngf": 4, "bottleneck": 8, "n_blocks": 2, "norm": "batch", "stem": "unshuffle"}
    summary = summarize("nijigan", dilations=[1, 2], solver="euler", **config)
    gmacs, parameters = f"{summary.macs / 1e9:.2f}", f"{summary.parameters:,}"
    cost = lines(costs)
    assert cost["a"] == [parameters, "euler:1", gmacs, "1.00", "8.00", "160.0", "123"]
    assert cost["pairs/drawn"] == ["–"] * 7
    assert cost["toy"][:3] == ["225", "euler:2", "–"]  # no network of the registry
    assert len(untimed) == 4


def test_solvers_are_for_runs_that_have_an_ode(pairs_folder, runs, toy_style, untimed):
    comparison = table([runs[0], str(toy_style)], pairs_folder, ["euler:1", "rk4:2"])
    assert [row.name for row in comparison.rows] == ["a euler:1", "a rk4:2", "toy"]
    assert [solver for _, solver, _ in untimed] == ["euler:1", "rk4:2", ""]
    assert comparison.rows[1].network.config["solver"] == "rk4"
    assert comparison.rows[0].gmacs < comparison.rows[1].gmacs


def test_an_ablation_shows_what_differs_and_nothing_else(pairs_folder, runs, untimed):
    text = as_markdown(table(runs, pairs_folder), ablation=True)
    shown = lines(text.split("GMAC:")[0])
    assert text.split("\n")[2].startswith("|  | solver | method.l1 | PSNR, dB ↑ | flatness |")
    assert shown["a"][:2] == ["euler:1", "100.0"]
    assert shown["b"][:2] == ["midpoint:1", "20.0"]
    assert shown["photo (no-op)"][:2] == ["–", "–"]


def test_an_ablation_tells_a_run_that_was_stopped_from_a_whole_one(pairs_folder, runs, untimed):
    folder = Path(runs[1]) / "checkpoints"
    (folder / "latest").write_text("step_0000002\n")
    text = as_markdown(table(runs, pairs_folder), ablation=True)
    assert text.split("\n")[2].startswith("|  | solver | steps trained | method.l1 | PSNR")
    shown = lines(text.split("GMAC:")[0])
    assert (shown["a"][1], shown["b"][1]) == ("4", "2")


def test_two_sources_of_one_name_are_refused(pairs_folder, toy_style, untimed):
    with pytest.raises(UsageError, match="one name"):
        table([str(toy_style), str(toy_style)], pairs_folder)


def test_a_source_is_timed_in_a_process_of_its_own(toy_style):
    photos = [np.zeros((40, 60, 3), np.uint8)]
    cost = time_drawing(str(toy_style), "", photos, pictures=7)
    assert 0 < cost.few_seconds < cost.many_seconds
    assert 20 < cost.peak_mib < 200  # torch would take more
    with pytest.raises(UsageError, match=r"'nobody' could not be timed: .*nothing that draws"):
        time_drawing("nobody", "", photos)


def test_the_verb_writes_a_file_and_prints_json(pairs_folder, toy_style, untimed, tmp_path):
    out = tmp_path / "table.md"
    arguments = ["eval", "table", str(toy_style), "--data", str(pairs_folder), "-o", str(out)]
    result = CliRunner().invoke(build_app(), [*arguments, "--metrics", "psnr", "--json"])
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    assert shown["rows"][0]["cost"]["peak_mib"] == 123.4
    assert shown["machine"]["cores"]
    assert shown["date"] in out.read_text()
    assert shown["machine"]["cpu"] in out.read_text()
