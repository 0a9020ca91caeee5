import subprocess
import sys

import numpy as np
import pytest
import torch

from nijigan.core.checkpoint import CheckpointInfo, save_network
from nijigan.core.drawers import mixed, open_drawer
from nijigan.core.errors import StrengthError, UsageError
from nijigan.core.evaluation.drawing_cost import solve_with
from nijigan.core.images import from_tensor, to_tensor
from nijigan.core.models import create_generator

NETWORK = {"ngf": 4, "bottleneck": 8, "n_blocks": 2, "norm": "batch", "stem": "unshuffle"}


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 256, (37, 50, 3), dtype=np.uint8)


def save(path, recipe):
    torch.manual_seed(0)
    network = create_generator("nijigan", **NETWORK).eval()
    for key, weight in network.named_parameters():
        if "norm2.weight" in key:  # they start at 0, where strength and solver say nothing
            torch.nn.init.constant_(weight, 0.5)
    save_network(network, CheckpointInfo("nijigan", network.config, recipe=recipe), path)
    return network


def test_a_checkpoint_draws_as_its_network_does(photo, tmp_path):
    path = tmp_path / "mine" / "generator.safetensors"
    network = save(path, {"strength": {"one": 0.5}})
    drawer = open_drawer(path.parent)
    assert drawer.name == "mine"
    assert drawer.network.parameters == sum(p.numel() for p in network.parameters())
    with torch.inference_mode():
        wanted = network.draw(torch.from_numpy(to_tensor(photo)), 0.5)
    np.testing.assert_array_equal(drawer.draw(photo, 0.5), from_tensor(wanted.numpy()))


def test_strength_mixes_where_it_was_not_trained(photo, tmp_path):
    save(tmp_path / "generator.safetensors", {})
    drawer = open_drawer(tmp_path)
    half = (drawer.draw(photo).astype(float) + photo) / 2
    assert np.abs(drawer.draw(photo, 0.5) - half).max() <= 0.5
    np.testing.assert_array_equal(drawer.draw(photo, 0.0), photo)


def test_a_run_can_be_solved_otherwise(photo, tmp_path):
    save(tmp_path / "generator.safetensors", {})
    drawer = open_drawer(tmp_path)
    own = drawer.draw(photo)
    solve_with(drawer, "euler:3")
    assert (drawer.draw(photo) != own).any()
    assert (drawer.network.config["solver"], drawer.network.config["steps"]) == ("euler", 3)
    with pytest.raises(UsageError, match="NAME:STEPS"):
        solve_with(drawer, "euler")
    with pytest.raises(UsageError, match="no ODE"):
        solve_with(open_drawer("teacher:cel"), "euler:1")


def test_styles_come_by_folder_and_by_name_before_a_teacher(photo, toy_style):
    toy = open_drawer(toy_style)
    assert (toy.name, toy.network.name) == ("toy", "toy")
    assert toy.draw(photo).shape == photo.shape
    assert open_drawer("cel").network.name == "nijigan"
    assert open_drawer("teacher:cel").network is None


def test_a_teacher_draws_what_it_teaches(photo):
    from nijigan.core import teachers

    drawn = teachers.create("cel")(photo.astype(np.float32) / 255)
    np.testing.assert_array_equal(open_drawer("teacher:cel").draw(photo), np.rint(drawn * 255))


@pytest.mark.parametrize("source", ["teacher:cel", "cel"])
def test_a_strength_that_is_none_is_refused(photo, source):
    with pytest.raises(StrengthError):
        open_drawer(source).draw(photo, 1.5)


def test_what_draws_nothing_is_refused(tmp_path):
    for source in ("no_such_style", "./no/folder", tmp_path):
        with pytest.raises(UsageError, match="nothing that draws"):
            open_drawer(source)
    with pytest.raises(UsageError, match="no teacher"):
        open_drawer("teacher:nobody")


def test_a_style_is_opened_without_torch():
    code = (
        "import sys; from nijigan.core.drawers import open_drawer; open_drawer('cel'); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_mixing_goes_from_photo_to_drawing(photo):
    drawn = 255 - photo
    np.testing.assert_array_equal(mixed(photo, drawn, 1.0), drawn)
    np.testing.assert_array_equal(mixed(photo, drawn, 0.0), photo)
