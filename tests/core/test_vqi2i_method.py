import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from nijigan.core.checkpoint import load_network
from nijigan.core.config import load_recipe, with_folder
from nijigan.core.data import Batch
from nijigan.core.errors import ConfigError
from nijigan.core.images import from_tensor, read_picture, to_tensor
from nijigan.core.methods import create_method
from nijigan.core.methods.vqi2i import DRAWN, PHOTO
from nijigan.core.models import create
from nijigan.core.training.loop import train
from nijigan.core.training.part import whole_part

SMALL = (
    "model.ch=32",
    "model.ch_mult=[1, 1]",
    "model.z_channels=8",
    "model.n_embed=16",
    "model.embed_dim=4",
    "model.style_hidden=4",
    "model.n_adain=1",
    "model.legacy=true",
    "model.style_dim=8",
    "discriminator.ndf=4",
    "data.crop=24",
    "data.batch=2",
    "method.patience=0",
    "method.cross=3.0",
    "method.pairs=false",
    "method.perceptual=0.0",
)


def method(*overrides, folder=""):
    torch.manual_seed(0)
    made = create_method(with_folder(load_recipe("vqi2i_tiny", (*SMALL, *overrides)), folder))
    torch.nn.init.normal_(made.network.quantizer.embedding.weight, std=0.3)
    return made


def part(count=2, step=0):
    source = torch.Generator().manual_seed(3)
    photo, drawn = (torch.rand(count, 3, 24, 24, generator=source) * 2 - 1 for _ in "ab")
    return whole_part(Batch(photo, drawn), torch.ones(count), step, 0)


def l1(a, b):
    return (a - b).abs().mean().item()


def hinge(real, fake):
    """Half of the hinge loss of a discriminator, over both kinds."""
    return 0.5 * (torch.relu(1 - real).mean() + torch.relu(1 + fake).mean()).item()


def made_of(own, whole):
    """By domain: pictures, those put together again, and those crossed over, in plain calls."""
    network, batch = own.network, whole.batch
    found = {}
    for domain, real, other in (
        (DRAWN, batch.drawn, batch.photo),
        (PHOTO, batch.photo, batch.drawn),
    ):
        again = network(real, domain=domain)
        crossed = network.cross(other, real, 1 - domain)
        found[domain] = (real, again, crossed)
    return found


@pytest.mark.parametrize("pairs", [False, True])
def test_the_networks_losses_are_those_of_the_paper(pairs):
    own = method(f"method.pairs={str(pairs).lower()}", f"method.cycle={0.5 if pairs else 0.0}")
    whole = part()
    losses = own.draw(own.look(whole))
    expected = {}
    with torch.no_grad():
        found = made_of(own, whole)
        for domain, kind in ((DRAWN, "drawn"), (PHOTO, "photo")):
            real, again, crossed = found[domain]
            judge = own.networks[f"discriminator_{kind}"]
            content = found[1 - domain][1].codewords
            expected |= {
                f"again_{kind}": (l1(again.picture, real), 5.0),
                f"codebook_{kind}": (again.vq_loss.item(), 1.0),
                f"gan_{kind}": (-judge(crossed.picture).mean().item(), 0.08 if pairs else 0.1),
                f"gan_again_{kind}": (-judge(again.picture).mean().item(), 0.02),
                f"style_{kind}": (
                    l1(own.network.encode_style(crossed.picture, domain), again.style),
                    0.5 if pairs else 0.0,
                ),
                f"content_{kind}": (
                    l1(own.network.encode(crossed.picture).codewords, content),
                    0.5 if pairs else 0.0,
                ),
            }
            if pairs:
                expected[f"cross_{kind}"] = (l1(crossed.picture, real), 1.5)
    assert losses.keys() == expected.keys()
    for name, loss in losses.items():
        assert (loss.value.item(), loss.weight) == pytest.approx(expected[name], rel=1e-4), name


@pytest.mark.parametrize(("pairs", "weights"), [("false", (1.0, 0.2)), ("true", (0.8, 0.2))])
def test_the_discriminators_see_crossed_pictures_and_those_put_together_again(pairs, weights):
    own = method(f"method.pairs={pairs}")
    whole = part()
    losses = own.judge(own.look(whole))
    found = made_of(own, whole)
    assert len(losses) == 4
    for domain, kind in ((DRAWN, "drawn"), (PHOTO, "photo")):
        real, again, crossed = found[domain]
        judge = own.networks[f"discriminator_{kind}"]
        for name, fake, weight in (
            (f"discriminator_{kind}", crossed, weights[0]),
            (f"discriminator_again_{kind}", again, weights[1]),
        ):
            loss = hinge(judge(real), judge(fake.picture))
            assert losses[name].value.item() == pytest.approx(loss, rel=1e-4)
            assert losses[name].weight == pytest.approx(weight)


def test_what_survives_crossing_over_is_measured_and_learned_only_if_asked():
    for cycle, learned in ((0.0, False), (0.5, True)):
        own = method(f"method.cycle={cycle}")
        losses = own.draw(own.look(part()))
        for name in ("style_drawn", "content_photo"):
            assert losses[name].value.requires_grad == learned
            assert losses[name].value.item() > 0


def test_a_step_moves_the_network_and_both_discriminators():
    own = method()
    before = {name: parameters(own.networks[name]) for name in own.optimizers}
    own.step(part().batch, 0)
    assert own.optimizers.keys() == {"network", "discriminator_drawn", "discriminator_photo"}
    for name, value in before.items():
        assert not torch.equal(parameters(own.networks[name]), value), name


def parameters(network):
    return torch.nn.utils.parameters_to_vector(network.parameters()).detach().clone()


def test_a_perceptual_loss_is_on_the_layers_of_a_feature_network(tmp_path):
    torch.manual_seed(5)
    vgg = create("vgg19", width=4)
    save_file(vgg.trunk.state_dict(), tmp_path / "vgg.safetensors")
    own = method(
        "features.name=vgg19",
        "features.width=4",
        f"features.file={tmp_path}/vgg.safetensors",
        "method.perceptual=2.0",
        'method.perceptual_layers=[["relu1_2", 0.5]]',
    )
    whole = part()
    view = own.look(whole)
    loss = own.draw(view)["perceptual_photo"]
    with torch.no_grad():
        a, b = (
            vgg.features(picture, ["relu1_2"])["relu1_2"]
            for picture in (view.sides[PHOTO].again, whole.batch.photo)
        )
    a, b = (h / h.square().sum(1, keepdim=True).sqrt().clamp(min=1e-10) for h in (a, b))
    assert loss.value.item() == pytest.approx(0.5 * (a - b).square().sum(1).mean().item(), rel=1e-4)
    assert loss.weight == 10.0  # beside the plain difference, which has 5


def test_idle_codewords_are_put_to_use():
    own = method("method.patience=2", "model.n_embed=8")
    with torch.no_grad():  # seven of eight are out of reach
        own.network.quantizer.embedding.weight[1:] += 100.0
    own.step(part().batch, 0)
    assert own.network.quantizer.embedding.weight[1:].min() > 50
    own.step(part().batch, 1)
    assert own.network.quantizer.embedding.weight.abs().max() < 50
    assert own.networks["codewords"].idle.sum() == 0


def test_it_learns_to_invert_colors_from_pairs(pairs_folder):
    own = method(
        "method.pairs=true",
        "method.gan=0.0",
        "method.patience=5",
        "method.ema=0.9",
        "optim.lr=3e-3",
        "optim.schedule=constant",
        "model.legacy=false",
        folder=str(pairs_folder),
    )
    pictures = own.open_pictures()
    first = own.validate(pictures)
    for step in range(40):
        own.step(pictures.batch_of(step), step)
    last = own.validate(pictures)
    assert last["psnr"] > last["psnr_photo"] + 2
    assert last["psnr_again"] > first["psnr_again"] + 1
    assert 1 <= last["codewords"] <= 16


@pytest.mark.parametrize("pairs", ["true", "false"])
def test_a_run_leaves_a_grid_and_a_network_that_loads(pairs, pairs_folder, tmp_path):
    overrides = (f"method.pairs={pairs}", "train.steps=1", "train.sample_count=2")
    recipe = with_folder(load_recipe("vqi2i_tiny", (*SMALL, *overrides)), str(pairs_folder))
    train(recipe, tmp_path / "run", say=lambda line: None)
    with Image.open(tmp_path / "run" / "samples" / "step_0000001.png") as grid:
        assert grid.size == (6 * 40, 40)
    network, info = load_network(tmp_path / "run")
    assert info.name == "vqi2i_cross"
    drawn = network(torch.zeros(1, 3, 24, 24), torch.zeros(1, 3, 32, 32)).picture
    assert drawn.shape == (1, 3, 24, 24)
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    figures = {key for line in lines for key in json.loads(line)}
    assert {"val/psnr", "val/psnr_photo", "val/psnr_again", "val/codewords"} <= figures
    assert "val/psnr_zero" not in figures  # it has no strength


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.name=nijigan", "cannot train 'nijigan'"),
        ("model.domains=3", "leave model.domains at 2"),
        ("data.crop=25", "data.crop is 25. Use a multiple of 2"),
    ],
)
def test_networks_and_crops_that_do_not_fit_are_errors(override, message):
    recipe = load_recipe("vqi2i_tiny", (*SMALL, override))
    if "nijigan" in override:
        recipe.model.options.clear()
    with pytest.raises(ConfigError, match=message):
        create_method(recipe)


def test_the_grid_shows_both_kinds_and_what_became_of_each(pairs_folder, tmp_path):
    own = method("method.pairs=true", folder=str(pairs_folder))
    own.averaged.load_state_dict(own.network.state_dict())
    pictures = own.open_pictures()
    own.write_grid(pictures, tmp_path / "grid.png")
    grid = read_picture(tmp_path / "grid.png").rgb
    pair = pictures.val[0]
    photo, drawn = (torch.from_numpy(to_tensor(p[:, 4:44])) for p in (pair.photo, pair.drawn))
    network = own.averaged
    with torch.no_grad():
        row = [
            photo,
            network(photo, domain=PHOTO).picture,
            network(photo, drawn, DRAWN).picture,
            drawn,
            network(drawn, domain=DRAWN).picture,
            network(drawn, photo, PHOTO).picture,
        ]
    assert np.array_equal(grid, np.concatenate([from_tensor(p.numpy()) for p in row], axis=1))
