import json

import pytest
from typer.testing import CliRunner

from nijigan.core.cli import build_app
from nijigan.core.errors import ConfigError, ModelNotFoundError, UsageError
from nijigan.core.models import registry
from nijigan.core.verbs import models


def run(*arguments):
    return CliRunner().invoke(build_app(), ["models", *arguments])


@pytest.fixture
def few_networks(monkeypatch):
    few = {name: registry.entry(name) for name in ("nijigan", "vae_residual", "patchgan70")}
    monkeypatch.setattr(registry, "_NETWORKS", few)


@pytest.mark.usefixtures("few_networks")
def test_list_says_of_each_network_what_it_is_and_costs():
    lines = {line.split()[0]: line for line in run("list").stdout.splitlines()}
    assert set(lines) == {"name", "nijigan", "patchgan70", "vae_residual"}
    for part in ("generator", "5,477,379", "136.52", " 4 ", "neural ODEs"):
        assert part in lines["nijigan"]
    assert "0.96 at 128²" in lines["vae_residual"]


@pytest.mark.usefixtures("few_networks")
def test_list_as_json_is_one_object_for_each():
    rows = json.loads(run("list", "--json").stdout)
    assert [row["name"] for row in rows] == ["nijigan", "patchgan70", "vae_residual"]
    assert rows[1]["kind"] == "discriminator"
    assert rows[1]["parameters"] == 2_764_737
    assert "layers" not in rows[1]
    assert rows[2]["size"] == {"height": 128, "width": 128}


def test_show_has_layers_cost_reach_and_options():
    shown = run("show", "nijigan", "--set", "solver=rk4", "--set", "n_blocks=2").stdout
    for part in (
        "59.22 G",
        "4 times 9.66 G in f (rk4, 1 step)",
        "85 px to each side",
        "the whole picture in 9 InstanceNorm2d",
        "n_blocks = 2",
        "solver = 'rk4'",
        "bottleneck.first",
    ):
        assert part in shown
    (row,) = (line for line in shown.splitlines() if line.startswith("blocks.1.f.conv2"))
    assert row.split() == ["blocks.1.f.conv2", "Conv2d", "256×64×64", "590,080", "9,663.68", "4×"]


def test_show_as_json_has_what_was_set_and_the_size():
    options = ("--set", "ngf=4", "--set", "norm=batch", "--set", "antialias=false")
    shown = json.loads(run("show", "cut_resnet4", *options, "--size", "64x32", "--json").stdout)
    assert shown["size"] == {"height": 32, "width": 64}
    assert shown["options"] == {
        "n_blocks": 4,
        "ngf": 4,
        "norm": "batch",
        "form": "torch",
        "antialias": False,
        "dropout": False,
    }
    assert shown["layers"][-1]["output_shape"] == [1, 3, 32, 64]
    assert shown["sees_everything"] == {}


def test_an_adaptive_solver_has_the_cost_of_one_evaluation():
    shown = run("show", "nijigan", "--set", "solver=adaptive", "--set", "rtol=0.01").stdout
    assert "20.56 G and 19.33 G for every evaluation of f (adaptive dopri5, rtol 0.01" in shown


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["nijgan"], ModelNotFoundError, "'nijigan'"),
        (["nijigan", "--set", "stpes=2"], ConfigError, "'steps'"),
        (["nijigan", "--set", "steps"], UsageError, "option=value"),
        (["nijigan", "--size", "256"], UsageError, "WIDTHxHEIGHT"),
        (["nijigan", "--size", "30x32"], ConfigError, "multiples of 4"),
    ],
)
def test_mistakes_are_errors_that_say_what_to_do(arguments, error, message):
    result = run("show", *arguments)
    assert isinstance(result.exception, error)
    assert message in str(result.exception)


def test_a_setting_is_a_toml_value_or_a_string_without_quotes():
    assert models._parse_setting("dilations=[1, 2]") == ("dilations", [1, 2])
    assert models._parse_setting("norm = batch") == ("norm", "batch")
