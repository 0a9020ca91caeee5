"""A style's weights as a checkpoint."""

import json

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from nijigan.core.checkpoint import CheckpointInfo, load_generator, save_network
from nijigan.core.cli import build_app
from nijigan.core.config import load_recipe
from nijigan.core.errors import ExportError, OutputError
from nijigan.core.models import create_generator
from nijigan.core.ode import Midpoint
from nijigan.export import compare
from nijigan.export.card import default_card
from nijigan.export.exporter import Pictures, export_style
from nijigan.export.runtime import onnxruntime, run_graph
from nijigan.export.source import open_source
from nijigan.export.style_weights import write_weights


def exported(checkpoint, photos, out, monkeypatch):
    monkeypatch.setattr(compare, "SIZES", ((32, 32), (33, 47)))
    source = open_source(checkpoint)
    paths = sorted(photos.iterdir())
    return export_style(source, out, default_card("mine", source), Pictures(paths, paths, paths[0]))


def test_what_a_style_gives_back_draws_the_same_and_says_the_same(
    checkpoint, photos, tmp_path, monkeypatch
):
    style = exported(checkpoint, photos, tmp_path / "mine", monkeypatch)
    write_weights(style, tmp_path / "mine.safetensors")
    generator, info = load_generator(tmp_path / "mine.safetensors")
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, 40, 48)).astype(np.float32)
    session = onnxruntime.InferenceSession(str(style.graph("normal")))
    generator.set_solver(Midpoint())
    with torch.no_grad():
        drawn = generator(torch.from_numpy(image), 0.6).numpy()
    assert np.abs(drawn - run_graph(session, image, 0.6)).max() < 1e-5
    assert (info.step, info.license) == (7, style.license)
    assert open_source(tmp_path / "mine.safetensors").strength == "ode"


def test_the_command_prints_the_recipe_of_the_network(checkpoint, photos, tmp_path, monkeypatch):
    style = exported(checkpoint, photos, tmp_path / "mine", monkeypatch)
    path = tmp_path / "w.safetensors"
    words = ["styles", "weights", str(style.folder), "-o", str(path)]
    result = CliRunner().invoke(build_app(), words, catch_exceptions=False)
    (tmp_path / "r.toml").write_text(result.stdout)
    model = load_recipe(tmp_path / "r.toml").model
    begun, _ = load_generator(path)
    assert create_generator(model.name, **model.options).config == begun.config


def test_a_style_of_blends_gives_its_network_back(photos, tmp_path, monkeypatch):
    torch.manual_seed(0)
    network = create_generator("cut_resnet4", ngf=2).eval()
    save_network(network, CheckpointInfo("cut_resnet4", {"ngf": 2}), tmp_path / "n.safetensors")
    style = exported(tmp_path / "n.safetensors", photos, tmp_path / "mine", monkeypatch)
    assert style.strength == "blend"
    write_weights(style, tmp_path / "w.safetensors")
    assert open_source(tmp_path / "w.safetensors").strength == "blend"
    for name, tensor in load_generator(tmp_path / "w.safetensors")[0].state_dict().items():
        assert torch.equal(tensor, network.state_dict()[name]), name


def test_a_network_that_is_none_without_its_norms_is_refused(photos, tmp_path, monkeypatch):
    torch.manual_seed(0)
    network = create_generator("cyclegan_resnet6", ngf=2, norm="batch").eval()
    info = CheckpointInfo("cyclegan_resnet6", network.config)
    save_network(network, info, tmp_path / "n.safetensors")
    style = exported(tmp_path / "n.safetensors", photos, tmp_path / "mine", monkeypatch)
    with pytest.raises(ExportError, match="has its norms folded"):
        write_weights(style, tmp_path / "w.safetensors")
    assert not (tmp_path / "w.safetensors").exists()


def test_a_file_that_cannot_be_written_is_said(checkpoint, photos, tmp_path, monkeypatch):
    style = exported(checkpoint, photos, tmp_path / "mine", monkeypatch)
    assert json.loads((style.folder / "style.json").read_text())["training"]["steps"] == 7
    with pytest.raises(OutputError, match="cannot be written"):
        write_weights(style, style.folder / "style.json" / "w.safetensors")
