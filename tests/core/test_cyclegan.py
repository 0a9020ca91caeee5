import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from nijigan.core.checkpoint import latest_folder, load_generator
from nijigan.core.config import load_recipe, with_folder
from nijigan.core.data import Batch
from nijigan.core.images import from_tensor, read_picture, to_tensor
from nijigan.core.methods import create_method
from nijigan.core.training.loop import train
from nijigan.core.training.part import whole_part

SMALL = (
    "model.ngf=4",
    "model.bottleneck=8",
    "model.n_blocks=1",
    "model.stem=conv7",
    "model.norm=instance",
    "discriminator.ndf=4",
    "method.cycle=10.0",
    "method.identity=0.5",
    "data.crop=24",
    "data.batch=2",
    "method.pool=2",
    "strength.zero=0.0",
    "strength.one=1.0",
)


def fresh(*overrides, folder=""):
    torch.manual_seed(0)
    return create_method(with_folder(load_recipe("cyclegan_tiny", (*SMALL, *overrides)), folder))


def method(*overrides):
    """Return one whose generators draw more than gray, as they do at the start."""
    made = fresh(*overrides)
    for generator in (made.generator, made.generator_back):
        nn.init.normal_(generator.decoder[-2].weight, std=0.2)
    return made


def part(*strengths, step=0):
    source = torch.Generator().manual_seed(3)
    photo, drawn = (torch.rand(len(strengths), 3, 24, 24, generator=source) * 2 - 1 for _ in "ab")
    return whole_part(Batch(photo, drawn), torch.tensor(strengths), step, 0)


def l1(a, b):
    return (a - b).abs().mean().item()


def test_the_generators_losses_are_those_of_the_paper():
    own = method()
    whole = part(1.0, 1.0)
    losses = own.draw(whole)
    photo, drawn = whole.batch.photo, whole.batch.drawn
    there, back = own.generator, own.generator_back
    d_drawn, d_photo = (own.networks[n] for n in ("discriminator", "discriminator_photo"))
    with torch.no_grad():
        expected = {
            "gan": ((d_drawn(there(photo)) - 1).square().mean().item(), 1.0),
            "gan_back": ((d_photo(back(drawn)) - 1).square().mean().item(), 1.0),
            "cycle": (l1(back(there(photo)), photo), 10.0),
            "cycle_back": (l1(there(back(drawn)), drawn), 10.0),
            "identity": (l1(there(drawn), drawn), 5.0),
            "identity_back": (l1(back(photo), photo), 5.0),
        }
    assert losses.keys() == expected.keys()
    for name, loss in losses.items():
        assert (loss.value.item(), loss.weight) == pytest.approx(expected[name], rel=1e-4), name


def test_the_discriminators_lose_half_of_the_squares():
    own = method()
    whole = part(1.0, 1.0)
    own.draw(whole)
    losses = own.judge(whole)
    kinds = {
        "discriminator": (own.generator(whole.batch.photo), whole.batch.drawn),
        "discriminator_photo": (own.generator_back(whole.batch.drawn), whole.batch.photo),
    }
    assert losses.keys() == kinds.keys()
    for name, (fake, real) in kinds.items():
        judge = own.networks[name]
        expected = 0.5 * ((judge(real) - 1).square().mean() + judge(fake).square().mean())
        assert losses[name].value.item() == pytest.approx(expected.item(), rel=1e-4)
        assert losses[name].weight == 1.0


def test_the_discriminators_see_what_was_drawn_before_the_generators_learned(monkeypatch):
    own = method("optim.lr=0.1")
    whole = part(1.0, 1.0)
    with torch.no_grad():
        before = own.generator(whole.batch.photo)
    seen = []
    losses = own.adversaries[""].losses

    def watched(name, real, fake, *rest):
        seen.append((real, fake))
        return losses(name, real, fake, *rest)

    monkeypatch.setattr(own.adversaries[""], "losses", watched)
    own.step(whole.batch, 0)
    ((real, fake),) = seen
    torch.testing.assert_close(fake, before)
    assert torch.equal(real, whole.batch.drawn)
    with torch.no_grad():
        assert l1(own.generator(whole.batch.photo), before) > 0.01


def test_a_step_moves_all_four_and_no_discriminator_learns_from_the_generators_loss():
    own = method()
    before = {name: parameters(own.networks[name]) for name in own.optimizers}
    own.step(part(1.0, 1.0).batch, 0)
    assert own.optimizers.keys() == {
        *("generator", "generator_back", "discriminator", "discriminator_photo")
    }
    for name, value in before.items():
        assert not torch.equal(parameters(own.networks[name]), value), name
    own = method("optim.lr_discriminator=0")
    before = parameters(own.networks["discriminator"])
    own.step(part(1.0, 1.0).batch, 0)
    assert torch.equal(parameters(own.networks["discriminator"]), before)


def parameters(network):
    return nn.utils.parameters_to_vector(network.parameters()).detach().clone()


def test_pictures_at_lower_strengths_learn_the_way_both_there_and_back():
    own = method("strength.zero=0.2", "strength.one=0.5")
    whole = part(1.0, 0.25)
    losses = own.draw(whole)
    photo, drawn = whole.batch.photo[1:], whole.batch.drawn[1:]
    for name, source, generator, averaged in (
        ("dial", photo, own.generator, own.averaged),
        ("dial_back", drawn, own.generator_back, own.averaged_back),
    ):
        with torch.no_grad():
            target = 0.75 * source + 0.25 * averaged(source, 1.0)
            expected = l1(generator(source, torch.tensor([0.25])), target)
        assert losses[name].value.item() == pytest.approx(expected, rel=1e-4)
        assert losses[name].share == 1.0
    with torch.no_grad():
        fake = own.generator(whole.batch.photo[:1])
        again = l1(own.generator_back(fake), whole.batch.photo[:1])
    assert losses["cycle"].value.item() == pytest.approx(again, rel=1e-4)


def test_without_a_picture_at_strength_1_only_the_dials_learn():
    own = method()
    whole = part(0.0, 0.5)
    assert own.draw(whole).keys() == {"dial", "dial_back"}
    assert own.judge(whole) == {}
    assert all(int(own.networks[name].count) == 0 for name in ("pool", "pool_back"))


def test_weights_of_zero_leave_things_out():
    own = method("method.identity=0", "method.gan=0", "method.dial=0")
    assert own.draw(part(1.0, 0.5)).keys() == {"cycle", "cycle_back"}
    assert [phase.trains for phase in own.phases(0)] == [("generator", "generator_back")]


@pytest.fixture
def folder(tmp_path):
    """Photos are dark with a light patch; drawings have the same patches in warm colors."""
    rng = np.random.default_rng(0)
    for kind in ("photo", "drawn"):
        (tmp_path / "set" / kind).mkdir(parents=True)
        for number in range(20):
            gray = rng.integers(60, 190, (4, 4), dtype=np.uint8)
            rgb = np.repeat(gray[..., None], 3, axis=2).astype(float)
            if kind == "drawn":
                rgb = rgb * [1.0, 0.6, 0.3] + [50, 0, 0]
            picture = Image.fromarray(rgb.astype(np.uint8)).resize((32, 32), Image.Resampling.BOX)
            picture.save(tmp_path / "set" / kind / f"{kind}{number}.png")
    return tmp_path / "set"


def test_it_learns_a_change_of_colors_from_pictures_that_are_no_pairs(folder):
    own = fresh(
        "model.stem=unshuffle",
        "model.norm=none",
        "optim.lr=4e-3",
        "optim.lr_discriminator=2e-3",
        "train.steps=80",
        folder=str(folder),
    )
    pictures = own.open_pictures()
    for step in range(80):
        own.step(pictures.batch_of(step), step)
    photos = pictures.batch_of(500).photo
    truth = (photos + 1) / 2 * torch.tensor([1.0, 0.6, 0.3]).view(3, 1, 1)
    truth = (truth + torch.tensor([50 / 255, 0, 0]).view(3, 1, 1)) * 2 - 1
    with torch.no_grad():
        drawn = own.averaged(photos)
        again = own.averaged_back(drawn)
    assert l1(drawn, truth) < 0.5 * l1(photos, truth)
    assert l1(again, photos) < 0.2


def test_the_way_back_is_saved_beside_it_and_shown(folder, tmp_path):
    steps = ("train.steps=1", "train.sample_count=2", "train.val_count=1")
    recipe = with_folder(load_recipe("cyclegan_tiny", (*SMALL, *steps)), str(folder))
    train(recipe, tmp_path / "run", "auto", lambda line: None)
    checkpoint = latest_folder(tmp_path / "run")
    back, info = load_generator(checkpoint / "back.safetensors")
    there, _ = load_generator(checkpoint)
    assert info.step == 1
    assert not torch.equal(parameters(back), parameters(there))
    with Image.open(tmp_path / "run" / "samples" / "step_0000001.png") as grid:
        assert grid.size == (7 * 32, 2 * 32)
        columns = np.split(np.asarray(grid)[:32], 7, axis=1)
    for column, kind in ((columns[0], "photo"), (columns[5], "drawn")):
        paths = sorted((folder / kind).iterdir())
        assert any(np.array_equal(column, read_picture(path).rgb) for path in paths)
    for column, network, source in ((4, back, 3), (6, back, 5), (3, there, 0)):
        image = torch.from_numpy(to_tensor(columns[source]))
        with torch.no_grad():
            drawn = from_tensor(network.draw(image, 1.0).numpy()).astype(int)
        assert np.abs(drawn - columns[column]).max() <= 2  # the grid's were not rounded between
