import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import torch
import typer
from PIL import Image
from typer.testing import CliRunner

from nijigan.core.checkpoint import CheckpointInfo, save_network
from nijigan.core.errors import CheckpointError, ConfigError, UsageError
from nijigan.core.evaluation.solver_plot import COLORS
from nijigan.core.evaluation.solver_report import write_report
from nijigan.core.evaluation.solver_study import STEPS, TOLERANCES, study_solvers
from nijigan.core.models import create_generator
from nijigan.core.models.summary import summarize
from nijigan.core.ode import FIXED
from nijigan.core.verbs.solvers import solvers

NETWORK = {"ngf": 4, "bottleneck": 8, "n_blocks": 2, "norm": "batch", "stem": "unshuffle"}


def save(path, name="nijigan", **config):
    torch.manual_seed(0)
    network = create_generator(name, **config)
    for key, weight in network.named_parameters():
        if "norm2.weight" in key:  # they start at 0, where all solvers are one
            torch.nn.init.constant_(weight, 0.5)
    save_network(network, CheckpointInfo(name, network.config, step=7), path)
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return save(tmp_path_factory.mktemp("run") / "generator.safetensors", **NETWORK)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for i in range(3):
        blocks = Image.fromarray(rng.integers(0, 256, (6, 9, 3), dtype=np.uint8))
        blocks.resize((90, 60)).save(folder / f"p{i}.png")
    return folder


@pytest.fixture(scope="module")
def study(checkpoint, photos):
    return study_solvers(checkpoint, photos, 48, 32, count=2)


def rows_of(study, solver):
    return [row for row in study.rows if row.solver == solver]


def test_every_solver_and_step_count_is_there(study):
    assert [(row.solver, row.steps) for row in study.rows if row.steps] == [
        (name, steps) for name in FIXED for steps in STEPS
    ]
    assert [row.tolerance for row in rows_of(study, "adaptive")] == list(TOLERANCES)
    assert study.photos == ("p0", "p1")
    assert (study.width, study.height, study.blocks) == (48, 32, 2)


def test_more_steps_and_higher_orders_come_nearer_to_the_reference(study):
    for name in FIXED:
        decibels = [row.psnr_db for row in rows_of(study, name)]
        assert decibels == sorted(decibels)
    euler, midpoint, rk4 = (rows_of(study, name) for name in ("euler", "midpoint", "rk4"))
    # As many evaluations: a higher order wins.
    assert euler[3].psnr_db < midpoint[1].psnr_db < rk4[0].psnr_db
    # Twice the steps are 6 dB for a first-order method.
    assert 4 < euler[4].psnr_db - euler[3].psnr_db < 9
    adaptive = [row.psnr_db for row in rows_of(study, "adaptive")]
    assert adaptive[0] < adaptive[2] < adaptive[4]
    assert all(row.psnr_min_db <= row.psnr_db for row in study.rows)
    assert study.reference_db > rk4[0].psnr_db + 10


def test_evaluations_and_multiply_accumulates_are_those_of_the_network(study):
    for name, solver in FIXED.items():
        for row in rows_of(study, name):
            assert row.evaluations == solver(row.steps).evaluations
            assert row.evaluations_total == 2 * row.evaluations
        known = summarize("nijigan", (32, 48), **NETWORK, solver=name, steps=row.steps)
        assert row.gmacs == pytest.approx(known.macs / 1e9)
    for row in rows_of(study, "adaptive"):
        assert row.evaluations >= 8  # 2 + 6 for the first step
        assert row.milliseconds > 0


def test_the_report_is_json_a_table_and_a_plot(study, tmp_path):
    write_report(study, tmp_path / "new")
    report = json.loads((tmp_path / "new/solvers.json").read_text())
    assert len(report["rows"]) == len(study.rows)
    assert report["machine"]["versions"]["torch"] == torch.__version__
    assert report["network"]["step"] == 7
    table = (tmp_path / "new/solvers.md").read_text().splitlines()
    assert len([line for line in table if line.startswith("| ")]) == len(study.rows) + 2
    assert "2 photos at 48×32" in table[0]
    svg = ElementTree.parse(tmp_path / "new/solvers.svg").getroot()
    points = [e for e in svg.iter() if e.tag.endswith("circle")]
    assert len(points) == 2 * len(study.rows) + len(COLORS)
    lines = [e for e in svg.iter() if e.tag.endswith("polyline")]
    assert len(lines) == 2 * len(COLORS)
    width, height = float(svg.get("width")), float(svg.get("height"))
    for point in points:
        assert 0 <= float(point.get("cx")) <= width
        assert 0 <= float(point.get("cy")) <= height


def test_the_plot_has_the_more_exact_higher_and_the_dearer_farther_right(study, tmp_path):
    write_report(study, tmp_path)
    svg = ElementTree.parse(tmp_path / "solvers.svg").getroot()
    first = next(e for e in svg.iter() if e.tag.endswith("polyline"))
    points = [tuple(map(float, p.split(","))) for p in first.get("points").split()]
    assert len(points) == len(STEPS)
    assert points == sorted(points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)


def test_what_cannot_be_studied_is_refused(checkpoint, photos, tmp_path):
    other = save(tmp_path / "unet.safetensors", "cut_resnet4", ngf=4)
    with pytest.raises(CheckpointError, match="no ODE"):
        study_solvers(other, photos, 32, 32)
    with pytest.raises(ConfigError, match="multiples of 4"):
        study_solvers(checkpoint, photos, 33, 32)


def test_the_command_prints_a_table_and_names_a_size_that_is_none(checkpoint, photos, tmp_path):
    app = typer.Typer()
    app.command()(solvers)
    common = [str(checkpoint), "--photos", str(photos), "-o", str(tmp_path / "out")]
    run = CliRunner().invoke(app, [*common, "--size", "16x16", "--count", "1", "--json"])
    assert run.exit_code == 0, run.output
    written = json.loads((tmp_path / "out" / "solvers.json").read_text())
    assert json.loads(run.stdout) == written
    run = CliRunner().invoke(app, [*common, "--size", "16x16", "--count", "1"])
    assert len([line for line in run.stdout.splitlines() if "dB" in line]) == len(written["rows"])
    assert isinstance(CliRunner().invoke(app, [*common, "--size", "16"]).exception, UsageError)
