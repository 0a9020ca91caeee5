import json

import pytest
import torch
from PIL import Image

from nijigan.core.checkpoint import load_network
from nijigan.core.config import load_recipe, with_folder
from nijigan.core.data import Batch
from nijigan.core.errors import ConfigError
from nijigan.core.losses import kl_divergence
from nijigan.core.methods import create_method
from nijigan.core.training.loop import train
from nijigan.core.training.part import whole_part

SMALL = (
    "model.latent=5",
    "model.width=4",
    "model.image_size=32",
    "data.crop=32",
    "data.batch=2",
    "train.sample_count=3",
    "method.beta=1.0",
)


def recipe(*overrides, folder=""):
    return with_folder(load_recipe("vae_tiny", (*SMALL, *overrides)), str(folder))


def method(*overrides, folder=""):
    torch.manual_seed(0)
    return create_method(recipe(*overrides, folder=folder))


def part(step=0):
    picture = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return whole_part(Batch(picture, picture), torch.ones(2), step, 0)


def test_the_divergence_is_that_of_the_two_gaussians():
    mu, logvar = torch.randn(2, 3).double(), torch.randn(2, 3).double()
    own = torch.distributions.Normal(mu, (0.5 * logvar).exp())
    standard = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    expected = torch.distributions.kl_divergence(own, standard).sum(1)
    torch.testing.assert_close(kl_divergence(mu, logvar), expected)


@pytest.mark.parametrize("output", ["tanh", "sigmoid"])
def test_the_losses_are_sums_over_a_picture_and_means_over_pictures(output):
    own = method("method.beta=3.0", f"model.output={output}")
    whole = part()
    losses = own.learn(own.look(whole))
    with torch.no_grad():
        noise = whole.random(torch.randn, 5)
        drawn, mu, logvar = own.network(whole.batch.photo, noise)
        drawn = drawn if output == "sigmoid" else (drawn + 1) / 2
        target = (whole.batch.photo + 1) / 2
        error = sum((a - b).square().sum() for a, b in zip(drawn, target, strict=True)) / 2
        divergence = (0.5 * (mu**2 + logvar.exp() - 1 - logvar)).sum() / 2
    assert losses["reconstruction"].value.item() == pytest.approx(error.item(), rel=1e-5)
    assert losses["reconstruction"].weight == 1.0
    assert losses["kl"].value.item() == pytest.approx(divergence.item(), rel=1e-5)
    assert losses["kl"].weight == 3.0


def test_the_noise_is_another_one_in_each_step():
    own = method()
    one, again, other = (own.look(part(step)).again for step in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_it_learns_more_than_the_mean_picture(tmp_path):
    for i, color in enumerate(("black", "white", "red")):
        Image.new("RGB", (32, 32), color).save(tmp_path / f"{i}.png")
    overrides = ("method.ema=0.9", "optim.lr=3e-3", "optim.schedule=constant", "data.batch=3")
    own = method(*overrides, "model.width=8", folder=tmp_path)
    pictures = own.open_pictures()
    pictures.val = pictures.train
    for step in range(100):
        own.step(pictures.batch_of(step), step)
    figures = own.validate(pictures)
    assert figures["psnr"] > figures["psnr_mean"] + 4
    assert 1 < figures["kl"] < 60  # it uses its code, and not for rote learning; CPUs differ


def test_the_mean_picture_is_what_a_network_that_learned_nothing_would_say(pairs_folder):
    own = method(folder=pairs_folder / "photo")
    pictures = own.open_pictures()
    cut = torch.cat([own._cut(picture.pixels) for picture in pictures.train])
    held_out = torch.cat([own._cut(picture.pixels) for picture in pictures.val or pictures.train])
    errors = (held_out - cut.mean(0)).square().flatten(1).mean(1)
    expected = (10 * torch.log10(4 / errors)).mean().item()
    assert own.validate(pictures)["psnr_mean"] == pytest.approx(expected, rel=1e-4)


def test_a_run_leaves_a_grid_of_three_parts_and_a_network_that_loads(pairs_folder, tmp_path):
    now = recipe("train.steps=1", folder=pairs_folder / "photo")
    train(now, tmp_path / "run", say=lambda line: None)
    with Image.open(tmp_path / "run" / "samples" / "step_0000001.png") as grid:
        columns = grid.width // 32
        assert grid.size == (columns * 32, 2 * 32 + 4 + 2 * 32 + 4 + 32)
        assert grid.getpixel((0, 2 * 32 + 1)) == (255, 255, 255)
    network, info = load_network(tmp_path / "run")
    assert info.name == "vae_residual"
    assert network(torch.zeros(1, 3, 32, 32))[0].shape == (1, 3, 32, 32)
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    figures = {key for line in lines for key in json.loads(line)}
    assert {"val/psnr", "val/psnr_mean", "val/kl"} <= figures


def test_samples_and_ends_of_the_way_are_what_they_should_be(pairs_folder, tmp_path):
    own = method(folder=pairs_folder / "photo")
    torch.nn.init.normal_(own.averaged.decoder[-2].weight, std=0.3)  # so that pictures differ
    pictures = own.open_pictures()
    pictures.val = pictures.train
    for name in ("one", "two"):
        own.write_grid(pictures, tmp_path / f"{name}.png")
    one, two = ((tmp_path / f"{name}.png").read_bytes() for name in ("one", "two"))
    assert one == two  # the same samples every time
    with Image.open(tmp_path / "one.png") as grid:
        again, way = (grid.crop((0, top, grid.width, top + 32)) for top in (32, grid.height - 32))
    for left in (0, again.width - 32):
        box = (left, 0, left + 32, 32)
        assert again.crop(box).tobytes() == way.crop(box).tobytes()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("model.image_size=64",), "data.crop is 32 and model.image_size 64"),
        (("method.beta=-1.0",), "method.beta is -1"),
    ],
)
def test_sizes_and_weights_that_cannot_be_are_errors(overrides, message):
    with pytest.raises(ConfigError, match=message):
        method(*overrides)


def test_another_network_is_refused(tmp_path):
    text = '[model]\nname = "nijigan"\n[method]\nname = "vae"\n'
    (tmp_path / "recipe.toml").write_text(text)
    with pytest.raises(ConfigError, match="cannot train 'nijigan'"):
        create_method(load_recipe(tmp_path / "recipe.toml"))
