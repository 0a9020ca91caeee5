"""What a source becomes: which strength it has, and what it needs to be told."""

import numpy as np
import pytest
import torch

from nijigan.core.checkpoint import CheckpointInfo, save_network
from nijigan.core.errors import ExportError, UsageError
from nijigan.core.images import Picture, read_picture, to_tensor, write_picture
from nijigan.core.models import create
from nijigan.core.ode import Euler
from nijigan.export import compare
from nijigan.export.card import default_card
from nijigan.export.exporter import Pictures, export_style
from nijigan.export.onnx import onnx_from_torch
from nijigan.export.runtime import onnxruntime, run_graph
from nijigan.export.source import open_source

ANY = {"ngf": 4, "n_blocks": 1, "style_dim": 6, "predictor": "small", "predictor_width": 4}
TRAINED = {"strength": {"zero": 0.2, "one": 0.5}}


def saved(folder, name, recipe=None, **config):
    torch.manual_seed(0)
    network = create(name, **config).eval()
    save_network(
        network, CheckpointInfo(name, config, recipe=recipe or {}), folder / "n.safetensors"
    )
    return network, folder / "n.safetensors"


@pytest.fixture
def painting(tmp_path):
    rgb = np.random.default_rng(3).integers(0, 256, (40, 52, 3), np.uint8)
    write_picture(tmp_path / "painting.png", Picture(rgb))
    return tmp_path / "painting.png"


@pytest.mark.parametrize(
    ("name", "config", "recipe", "strength"),
    [
        ("cut_resnet4", {"ngf": 2}, None, "blend"),
        ("cut_resnet4", {"ngf": 2}, TRAINED, "ode"),
        ("unet_128", {"levels": 5, "ngf": 2}, TRAINED, "blend"),
    ],
)
def test_only_a_strength_that_was_trained_is_the_networks_own(
    name, config, recipe, strength, tmp_path
):
    _, path = saved(tmp_path, name, recipe, **config)
    assert open_source(path).strength == strength


def test_a_network_for_any_style_becomes_a_style_of_one_picture(tmp_path, painting, monkeypatch):
    monkeypatch.setattr(compare, "SIZES", ((32, 32), (33, 47)))
    network, path = saved(tmp_path, "arbitrary", **ANY)
    source = open_source(path, painting)
    card = default_card("Painting 1!", source)
    style = export_style(source, tmp_path / "out", card, Pictures([painting], [painting], painting))
    assert (style.name, style.strength, style.normalization) == ("painting_1", "style", "global")

    session = onnxruntime.InferenceSession(str(style.graph("normal")))
    image = to_tensor(read_picture(painting).rgb)
    with torch.no_grad():
        vector = network.style_vector(torch.from_numpy(image))
        for strength in (0.0, 0.4, 1.0):
            expected = network(torch.from_numpy(image), vector, torch.tensor(strength))
            drawn = run_graph(session, image, strength)
            assert np.abs(drawn - expected.numpy()).max() < 1e-4


def test_a_style_image_where_there_is_no_use_for_it_and_none_where_there_is(tmp_path, painting):
    _, path = saved(tmp_path, "arbitrary", **ANY)
    with pytest.raises(UsageError, match="--style-image FILE"):
        open_source(path)
    _, path = saved(tmp_path, "cut_resnet4", ngf=2)
    with pytest.raises(UsageError, match="one style of its own"):
        open_source(path, painting)


def test_what_does_not_draw_is_refused(tmp_path):
    _, path = saved(tmp_path, "patchgan70", ndf=2)
    with pytest.raises(ExportError, match="'patchgan70' does not draw"):
        open_source(path)


def test_a_nijigan_with_groups_and_time_can_be_exported():
    torch.manual_seed(0)
    config = {"ngf": 4, "bottleneck": 64, "hidden": 96, "n_blocks": 1, "norm": "group"}
    generator = create("nijigan", time="film", **config).eval()
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    graph = onnx_from_torch(generator, Euler(1)).SerializeToString()
    session = onnxruntime.InferenceSession(graph)
    generator.set_solver(Euler(1))
    image = torch.rand(2, 3, 24, 36) * 2 - 1
    with torch.no_grad():
        expected = generator(image, 0.6).numpy()
    assert np.abs(run_graph(session, image.numpy(), 0.6) - expected).max() < 1e-4
