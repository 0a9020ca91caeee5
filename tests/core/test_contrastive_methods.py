"""CUT, FastCUT and NijiGAN: which losses act when, on which pictures, and with which share."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch.nn import functional

from nijigan.core.config import NetworkConfig, load_recipe, with_folder
from nijigan.core.errors import ConfigError
from nijigan.core.losses import patch_nce
from nijigan.core.methods import create_method
from nijigan.core.methods.dial import dial_loss
from nijigan.core.methods.nijigan import ramp
from nijigan.core.methods.steadiness import draw_shift, moved, steadiness_loss
from nijigan.core.models import create, create_generator
from nijigan.core.training.part import divide, source_of, whole_part

SMALL = (
    "model.ngf=4",
    "model.bottleneck=8",
    "model.n_blocks=1",
    "discriminator.ndf=4",
    "method.patches=16",
    "method.width=8",
    "data.crop=32",
    "data.batch=2",
    "train.steps=100",
    "train.shares_every=0",
    "strength.zero=0.0",
    "strength.one=1.0",
)


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for part in ("pairs", "unpaired"):
        for kind in ("photo", "drawn"):
            (tmp_path / part / kind).mkdir(parents=True)
            for name in ("a", "b", "c"):
                pixels = rng.integers(0, 256, (32, 40, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / part / kind / f"{name}.png")
        (tmp_path / part / "split.json").write_text('{"train": ["a", "b"], "val": ["c"]}')
    torch.manual_seed(5)
    save_file(create("vgg19", width=4).trunk.state_dict(), tmp_path / "vgg.safetensors")
    return tmp_path


def method_of(name, folder, *overrides):
    given = [*SMALL, *overrides]
    if name == "nijigan":
        given += ["features.name=vgg19", "features.width=4"]
        given += [f"features.file={folder}/vgg.safetensors"]
        given += ['method.content_layers=[["relu2_1", 1.0]]']
    place = folder if name == "nijigan" else folder / "unpaired"
    torch.manual_seed(0)
    return create_method(with_folder(load_recipe(f"{name}_tiny", tuple(given)), str(place)))


def losses_at(method, step):
    return method.step(method.open_pictures().batch_of(step), step)


def test_cut_has_an_identity_half_and_fastcut_has_none(folder):
    assert {"nce", "nce_identity", "gan", "discriminator"} == set(
        losses_at(method_of("cut", folder), 0)
    )
    assert {"nce", "gan", "discriminator"} == set(losses_at(method_of("fastcut", folder), 0))


def test_patch_nce_is_between_what_the_encoder_sees_of_drawing_and_photo(folder):
    method = method_of("cut", folder)
    batch = method.open_pictures().batch_of(0)
    part = whole_part(batch, torch.ones(2), 0, 0)
    view = method.look(part)
    pairs = method.patches.pairs(view.fake, view.photo, part, stream=2)
    assert len(pairs) == len(method.patches.taps) == 5
    losses = method.draw(view)
    expected = torch.stack([patch_nce(q, k, 0.07) for q, k in pairs]).mean()
    torch.testing.assert_close(losses["nce"].value, expected)
    assert losses["nce"].weight == losses["nce_identity"].weight == 0.5
    assert all(q.requires_grad and not k.requires_grad for q, k in pairs)


def test_features_of_a_mirrored_drawing_are_turned_back(folder, monkeypatch):
    method = method_of("fastcut", folder)
    # Where features are the pixels themselves, a mirrored drawing turned back is the drawing.
    monkeypatch.setattr(method.patches, "_features", lambda image: [image] * 5)

    def same(taps, places):
        return [t.flatten(2)[:, :, p] for t, p in zip(taps, places, strict=True)]

    part = whole_part(method.open_pictures().batch_of(0), torch.ones(2), 0, 0)
    photo = part.batch.photo
    for query, key in method.patches.pairs(photo.flip(3), photo, part, 2, same, mirrored=True):
        assert torch.equal(query, key)


def test_half_of_fastcuts_steps_are_mirrored(folder):
    method = method_of("fastcut", folder)
    batch = method.open_pictures().batch_of(0)
    mirrored = [method.look(whole_part(batch, torch.ones(2), s, 0)).mirrored for s in range(40)]
    assert 10 < sum(mirrored) < 30
    assert not method_of("cut", folder).look(whole_part(batch, torch.ones(2), 0, 0)).mirrored


@pytest.mark.parametrize(
    ("shape", "up", "weights"),
    [
        ("linear", True, [0, 0, 0, 0.5, 1]),
        ("linear", False, [1, 1, 1, 0.5, 0]),
        ("cosine", True, [0, 0, 0, 0.5, 1]),
        ("constant", True, [0, 0, 1, 1, 1]),
    ],
)
def test_supervision_waits_for_the_warm_up_and_then_goes_its_way(shape, up, weights):
    found = [ramp(shape, up, 0.4, done) for done in (0, 0.39, 0.4, 0.7, 1)]
    assert found == pytest.approx(weights, abs=1e-9)


def test_cosine_starts_and_ends_gently():
    assert ramp("cosine", True, 0.0, 0.1) < 0.1 < 0.9 < ramp("cosine", True, 0.0, 0.9)


UNSUPERVISED = {"discriminator", "gan", "src", "hdce", "hdce_identity", "content"}
SUPERVISED = {"pair_discriminator", "pair_gan", "pair_nce"}


def test_nijigans_branches_are_there_when_they_should_be(folder):
    assert set(losses_at(method_of("nijigan", folder), 0)) == UNSUPERVISED
    assert set(losses_at(method_of("nijigan", folder), 50)) == UNSUPERVISED | SUPERVISED
    alone = ("method.gan=0.0", "method.hdce=0.0", "method.src=0.0")
    assert set(losses_at(method_of("nijigan", folder, *alone), 50)) == SUPERVISED | {"content"}
    alone = ("method.pair=0.0", "method.content=0.0")
    assert set(losses_at(method_of("nijigan", folder, *alone), 50)) == UNSUPERVISED - {"content"}


def test_pairs_may_be_alone_at_first_at_every_strength(folder):
    overrides = ("method.pair_l1=100.0", "method.warmup=0.0", "method.ramp='constant'")
    method = method_of("nijigan", folder, *overrides, "method.pairs_alone=0.5")
    pairs = method.open_pictures().batch_of(0)
    part = whole_part(pairs, torch.tensor([1.0, 0.25]), 49, 0)
    view = method.look(part)
    assert [len(seen) for seen in (view.fake, view.dialed, view.same, view.paired)] == [0, 0, 0, 2]
    assert [phase.trains[0] for phase in method.phases(49)] == ["generator"]
    photo, drawn = pairs.paired.photo, pairs.paired.drawn
    right = torch.stack([drawn[0], 0.75 * photo[1] + 0.25 * drawn[1]])
    losses = method.draw(replace(view, paired=right + 0.125))
    assert {name: loss.value.item() for name, loss in losses.items()} == {
        "pair_l1": pytest.approx(0.125)
    }
    later = method.look(replace(part, step=50))
    assert [len(seen) for seen in (later.fake, later.dialed, later.same, later.paired)] == [1] * 4
    judges = {"discriminator", "pair_discriminator"}
    assert set(method.draw(later)) == {"dial", "pair_l1", *UNSUPERVISED, *SUPERVISED} - judges
    assert len(method.phases(50)) == 3


def test_a_drawing_that_moves_with_its_photo_is_steady():
    photo = torch.rand(2, 3, 64, 80)
    shift = (3, 1)
    assert steadiness_loss(1 - photo, 1 - moved(photo, shift), shift) == 0

    def on_a_grid(pictures):
        coarse = functional.avg_pool2d(pictures, 4)
        return functional.interpolate(coarse, scale_factor=4)

    drawn = on_a_grid(photo)
    assert steadiness_loss(drawn, on_a_grid(moved(photo, shift)), shift) > 0.02
    assert steadiness_loss(drawn, on_a_grid(moved(photo, (4, 8))), (4, 8)) == 0


def test_shifts_are_of_up_to_three_pixels_and_never_none():
    shifts = {draw_shift(source_of(0, step, stream=6)) for step in range(400)}
    assert shifts == {(y, x) for y in range(4) for x in range(4)} - {(0, 0)}


def test_steadiness_is_learned_on_unpaired_photos_at_full_strength(folder):
    method = method_of("nijigan", folder, "method.steady=10.0")
    method.generator.eval()  # no statistics of the batch
    part = whole_part(method.open_pictures().batch_of(0), torch.tensor([1.0, 0.5]), 50, 0)
    view = method.look(part)
    assert len(view.shifted) == len(view.fake) == 1
    loss = method.draw(view)["steady"]
    assert (loss.weight, loss.share) == (10.0, 1.0)
    again = method.generator(moved(view.photo, view.shift), 1.0)
    torch.testing.assert_close(view.shifted, again)


def test_pairs_alone_must_teach_by_pixel_and_at_once(folder):
    with pytest.raises(ConfigError, match="pairs teach nothing by pixel"):
        method_of("nijigan", folder, "method.pairs_alone=0.5", "method.warmup=0.0")
    with pytest.raises(ConfigError, match="pairs do not teach at first"):
        method_of("nijigan", folder, "method.pairs_alone=0.5", "method.pair_l1=1.0")


def test_nce_of_pairs_counts_once_and_with_the_ramps_weight(folder):
    """Scenimefy's code multiplies it with its weight twice: 0.0025 where 0.05 was meant."""
    overrides = ("method.pair_nce=0.05", "method.pair=2.0", "method.warmup=0.0")
    method = method_of("nijigan", folder, *overrides)
    part = whole_part(method.open_pictures().batch_of(0), torch.ones(2), 50, 0)
    losses = method.learn_pairs(method.look(part))
    assert losses["pair_nce"].weight == pytest.approx(0.05 * 2.0 * 0.5)
    assert losses["pair_gan"].weight == pytest.approx(2.0 * 0.5)


def test_pairs_that_fit_to_the_pixel_are_compared_by_pixel(folder):
    overrides = ("method.pair_l1=100.0", "method.pair_gradient=50.0", "method.pair=2.0")
    method = method_of("nijigan", folder, *overrides, "method.warmup=0.0")
    part = whole_part(method.open_pictures().batch_of(0), torch.ones(2), 50, 0)
    view = method.look(part)
    losses = method.learn_pairs(view)
    assert losses["pair_l1"].weight == pytest.approx(100 * 2.0 * 0.5)
    assert losses["pair_gradient"].weight == pytest.approx(50 * 2.0 * 0.5)
    same = method.learn_pairs(replace(view, paired=view.pair_drawn))
    assert same["pair_l1"].value == 0
    assert same["pair_gradient"].value == 0
    brighter = method.learn_pairs(replace(view, paired=view.pair_drawn + 0.25))
    assert brighter["pair_l1"].value.item() == pytest.approx(0.25)
    assert brighter["pair_gradient"].value.item() == pytest.approx(0, abs=1e-6)


def test_pictures_below_full_strength_learn_the_way_and_no_other_loss(folder):
    method = method_of("cut", folder, "strength.one=0.0", "strength.zero=0.5")
    assert set(losses_at(method, 0)) == {"dial"}
    averaged, photo = method.averaged, torch.rand(2, 3, 32, 32) * 2 - 1
    at_zero = dial_loss(photo, photo, torch.zeros(2), averaged)
    assert at_zero.item() == 0
    half = 0.5 * photo + 0.5 * averaged(photo, 1.0)
    assert dial_loss(half, photo, torch.full((2,), 0.5), averaged).item() < 1e-6


def test_shares_say_how_much_of_the_gradient_each_loss_is(folder):
    method = method_of("cut", folder, "train.shares_every=10", "method.gan=0.0")
    found = losses_at(method, 10)
    assert found["share/nce"] + found["share/nce_identity"] == pytest.approx(1)
    assert not any(name.startswith("share/") for name in losses_at(method, 11))
    method = method_of("cut", folder, "train.shares_every=1", "method.nce=0.0")
    assert losses_at(method, 1)["share/gan"] == pytest.approx(1)


def test_parts_know_their_share_in_a_mean_over_full_strength_alone():
    strength = torch.tensor([1.0, 1.0, 1.0, 0.3])
    whole = whole_part(torch.arange(4.0), strength, 0, 0)
    parts = divide(whole, slice(0, 4), 2)
    values = [float(p.batch[p.full].mean()) * p.full_share for p in parts]
    assert np.mean(values) == pytest.approx(1.0)  # of 0, 1 and 2
    assert [part.first for part in parts] == [0, 2]
    numbers = whole.random(torch.rand, 3)
    assert torch.equal(torch.cat([part.random(torch.rand, 3) for part in parts]), numbers)
    with pytest.raises(ConfigError, match=r"4 pictures in train\.accumulate = 3 passes"):
        divide(whole, slice(0, 4), 3)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("nijigan", {"ngf": 4, "bottleneck": 8, "n_blocks": 2}),
        ("nijigan", {"ngf": 4, "bottleneck": 8, "n_blocks": 2, "norm": "batch"}),
        ("cut_resnet4", {"ngf": 4}),
        ("cut_resnet4", {"ngf": 4, "norm": "batch"}),
        ("ugatit_light", {"ngf": 4, "n_blocks": 2}),
    ],
)
def test_checkpointing_changes_memory_and_no_gradient(name, config):
    torch.manual_seed(0)
    generator = create_generator(name, **config).double()
    picture = torch.rand(2, 3, 32, 32, dtype=torch.float64) * 2 - 1
    (kept, gradients, statistics), (fewer, same, alike) = (
        kept_and_gradients(copy.deepcopy(generator), picture, on) for on in (False, True)
    )
    torch.testing.assert_close(same, gradients)
    torch.testing.assert_close(alike, statistics, rtol=0, atol=0)
    assert fewer < kept


def kept_and_gradients(generator, picture, on):
    """How many numbers wait for the backward pass, what comes of it, and the buffers after it."""
    generator.set_checkpointing(on)
    generator.zero_grad()
    kept = []

    def keep(tensor):
        kept.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = generator(picture, torch.tensor([0.7], dtype=torch.float64))
    output.square().mean().backward()
    gradients = [p.grad.clone() for p in generator.parameters()]
    return sum(kept), gradients, dict(generator.named_buffers())


def test_a_generator_without_blocks_says_that_it_cannot_be_checkpointed(folder):
    with pytest.raises(ConfigError, match=r"UNet cannot be trained with train\.checkpointing"):
        create_generator("unet_128", ngf=4).set_checkpointing(True)


def test_a_generator_without_taps_and_a_tap_that_is_none_are_refused(folder):
    with pytest.raises(ConfigError, match="'down3'"):
        method_of("cut", folder, 'method.taps=["down3"]')
    recipe = load_recipe("cut_tiny")
    untapped = replace(recipe, model=NetworkConfig("animegan2"))
    with pytest.raises(ConfigError, match="AnimeGAN2 shows no features"):
        create_method(untapped)
