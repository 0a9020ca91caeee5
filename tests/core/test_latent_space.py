"""Codes of pictures, ways between them and samples, by a VAE that was trained for a moment."""

import numpy as np
import pytest
import torch

from nijigan.core.checkpoint import CheckpointInfo, save_network
from nijigan.core.errors import CheckpointError
from nijigan.core.images import from_tensor, to_tensor
from nijigan.core.latent_space import LatentSpace, between
from nijigan.core.models import create

SMALL = {"latent": 5, "width": 4, "image_size": 32}


def network(name="vae_residual", **options):
    torch.manual_seed(0)
    made = create(name, **options)
    for parameter in made.parameters():  # so that pictures differ from each other
        torch.nn.init.normal_(parameter, std=0.3)
    return made


@pytest.fixture
def space():
    return LatentSpace(network(**SMALL))


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


@pytest.mark.parametrize("output", ["tanh", "sigmoid"])
def test_a_picture_comes_back_as_the_network_draws_its_mean(photo, output):
    vae = network(**SMALL, output=output).eval()
    space = LatentSpace(vae)
    square = space.seen(photo)
    with torch.inference_mode():
        again, mu, _ = vae(torch.from_numpy(to_tensor(square)))
    code = space.encode(photo)
    np.testing.assert_allclose(code, mu[0].numpy(), rtol=1e-5)
    expected = from_tensor((again if output == "tanh" else 2 * again - 1).numpy())
    assert np.abs(space.draw(code).astype(int) - expected).max() <= 1


def test_it_looks_at_the_middle(space):
    rgb = np.zeros((32, 96, 3), np.uint8)
    rgb[:, 32:64] = 200
    assert (space.seen(rgb) == 200).all()
    assert space.seen(np.zeros((100, 50, 3), np.uint8)).shape == (32, 32, 3)


def test_the_way_leads_from_one_to_the_other_and_is_straight(space, photo):
    first, second = space.encode(photo), space.encode(255 - photo)
    assert not np.allclose(first, second)
    for part, expected in ((0.0, first), (1.0, second), (0.5, (first + second) / 2)):
        np.testing.assert_allclose(between(first, second, part), expected, rtol=1e-5, atol=1e-6)
    assert between(first, second, 0.5).dtype == np.float32


def test_samples_are_those_of_their_seed(space):
    one, again, other = (space.samples(3, seed) for seed in (7, 7, 8))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert np.array_equal(space.samples(2, 7), one[:2])
    many = np.concatenate(space.samples(2000, 1))
    assert abs(many.mean()) < 0.05
    assert abs(many.std() - 1) < 0.05


def test_a_run_of_another_network_is_refused(tmp_path):
    info = CheckpointInfo(name="vae_residual", config=SMALL)
    save_network(network(**SMALL), info, tmp_path / "vae.safetensors")
    assert LatentSpace.load(tmp_path / "vae.safetensors").side == 32
    save_network(create("patchgan70"), CheckpointInfo("patchgan70", {}), tmp_path / "d.safetensors")
    with pytest.raises(CheckpointError, match="'patchgan70', which is no VAE"):
        LatentSpace.load(tmp_path / "d.safetensors")
