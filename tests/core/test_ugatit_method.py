import math

import pytest
import torch
from torch import nn

from nijigan.core.config import load_recipe
from nijigan.core.data import Batch
from nijigan.core.errors import ConfigError
from nijigan.core.methods import create_method
from nijigan.core.methods.ugatit import step_spectral_norm
from nijigan.core.models.ugatit import LayerInstanceNorm
from nijigan.core.models.ugatit_disc import UGATITDiscriminator
from nijigan.core.training.part import whole_part

SMALL = (
    "model.ngf=4",
    "model.n_blocks=1",
    "method.ndf=4",
    "method.cam=1000.0",
    "data.crop=24",
    "data.batch=2",
    "strength.zero=0.0",
    "strength.one=1.0",
)
DRAWN = ("discriminator_drawn_global", "discriminator_drawn_local")
PHOTO = ("discriminator_photo_global", "discriminator_photo_local")


def method(*overrides):
    torch.manual_seed(0)
    return create_method(load_recipe("ugatit_tiny", (*SMALL, *overrides)))


def batch(count=2):
    source = torch.Generator().manual_seed(3)
    return Batch(*(torch.rand(count, 3, 24, 24, generator=source) * 2 - 1 for _ in "ab"))


def part(*strengths):
    return whole_part(batch(len(strengths)), torch.tensor(strengths), 0, 0)


def l1(a, b):
    return (a - b).abs().mean().item()


def cross_entropy(logits, real):
    chances = [1 / (1 + math.exp(-x)) for x in logits.flatten().tolist()]
    return -sum(math.log(p if real else 1 - p) for p in chances) / len(chances)


def squares(own, names, pictures, to):
    """The sum over both discriminators and over patches and attention."""
    judgments = [own.networks[name](pictures) for name in names]
    return sum((x - to).square().mean().item() for j in judgments for x in j[:2])


def test_the_generators_losses_are_those_of_the_paper():
    own = method()
    whole = part(1.0, 1.0)
    losses = own.draw(own.look(whole))
    photo, drawn = whole.batch.photo, whole.batch.drawn
    there, back = own.generator, own.generator_back
    with torch.no_grad():
        expected = {}
        for suffix, to, fro, source, goal, names in (
            ("", there, back, photo, drawn, DRAWN),
            ("_back", back, there, drawn, photo, PHOTO),
        ):
            fake, same = to.attend(source), to.attend(goal)
            guesses = cross_entropy(fake.cam_logit, True) + cross_entropy(same.cam_logit, False)
            expected |= {
                f"gan{suffix}": (squares(own, names, fake.picture, 1), 1.0),
                f"cycle{suffix}": (l1(fro(fake.picture), source), 10.0),
                f"identity{suffix}": (l1(same.picture, goal), 10.0),
                f"cam{suffix}": (guesses, 1000.0),
            }
    assert losses.keys() == expected.keys()
    for name, loss in losses.items():
        assert (loss.value.item(), loss.weight) == pytest.approx(expected[name], rel=1e-4), name


def test_the_discriminators_lose_the_whole_squares_and_the_generators_nothing_by_it():
    own = method()
    whole = part(1.0, 1.0)
    losses = own.judge(own.look(whole))
    with torch.no_grad():
        fakes = own.generator(whole.batch.photo), own.generator_back(whole.batch.drawn)
        expected = {
            "discriminator": squares(own, DRAWN, whole.batch.drawn, 1)
            + squares(own, DRAWN, fakes[0], 0),
            "discriminator_photo": squares(own, PHOTO, whole.batch.photo, 1)
            + squares(own, PHOTO, fakes[1], 0),
        }
    assert losses.keys() == expected.keys()
    for name, loss in losses.items():
        assert loss.value.item() == pytest.approx(expected[name], rel=1e-4), name
        loss.value.backward()
    for generator in (own.generator, own.generator_back):
        assert all(parameter.grad is None for parameter in generator.parameters())


def test_the_discriminators_learn_first():
    phases = method().phases(0)
    assert [phase.trains for phase in phases] == [
        (*DRAWN, *PHOTO),
        ("generator", "generator_back"),
    ]
    assert [phase.trains for phase in method("method.gan=0").phases(0)] == [phases[1].trains]


def test_a_step_moves_all_six():
    own = method()
    before = {name: parameters(own.networks[name]) for name in own.optimizers}
    own.step(batch(), 0)
    assert len(before) == 6
    for name, value in before.items():
        assert not torch.equal(parameters(own.networks[name]), value), name


def parameters(network):
    return nn.utils.parameters_to_vector(network.parameters()).detach().clone()


def test_no_rho_leaves_0_to_1():
    own = method("optim.lr=0.3")
    own.step(batch(), 0)
    for name in ("generator", "generator_back", "averaged"):
        mixtures = [x for x in own.networks[name].modules() if isinstance(x, LayerInstanceNorm)]
        rhos = torch.cat([x.rho.flatten() for x in mixtures])
        assert rhos.min() == 0, name
        assert 0.9 < rhos.max() <= 1, name


def test_spectral_norm_follows_the_weights_once_a_step():
    own = method()
    juror = own.networks[DRAWN[0]]
    before = {key: value.clone() for key, value in juror.named_buffers()}
    own.look(part(1.0, 1.0))
    own.judge(own.look(part(1.0, 1.0)))
    assert all(torch.equal(value, before[key]) for key, value in juror.named_buffers())
    own.step(batch(), 0)
    assert any(not torch.equal(value, before[key]) for key, value in juror.named_buffers())


def test_steps_of_power_iteration_find_the_largest_singular_value():
    torch.manual_seed(0)
    network = UGATITDiscriminator(3, 2).eval()
    weight = network.conv.parametrizations.weight.original
    with torch.no_grad():
        weight.copy_(torch.randn_like(weight))
        for layer in network.layers:
            if isinstance(layer, nn.Conv2d):
                new = torch.randn_like(layer.weight)
                layer.parametrizations.weight.original.copy_(new)
    for _ in range(50):
        step_spectral_norm(network)
    for layer in (network.conv, *network.layers):
        if isinstance(layer, nn.Conv2d):
            largest = torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item()
            assert largest == pytest.approx(1, rel=0.02)
    assert not any(module.training for module in network.modules())


def test_pictures_at_lower_strengths_learn_the_way_both_there_and_back():
    own = method("strength.zero=0.2", "strength.one=0.5")
    whole = part(1.0, 0.25)
    losses = own.draw(own.look(whole))
    for name, source, generator, averaged in (
        ("dial", whole.batch.photo[1:], own.generator, own.averaged),
        ("dial_back", whole.batch.drawn[1:], own.generator_back, own.averaged_back),
    ):
        with torch.no_grad():
            target = 0.75 * source + 0.25 * averaged(source, 1.0)
            expected = l1(generator(source, torch.tensor([0.25])), target)
        assert losses[name].value.item() == pytest.approx(expected, rel=1e-4)
    nothing = own.look(part(0.0, 0.5))
    assert own.draw(nothing).keys() == {"dial", "dial_back"}
    assert own.judge(nothing) == {}


def test_the_attention_learns_to_tell_the_domains_apart():
    own = method("optim.lr=1e-2", "method.gan=0")
    # Photos are blue, drawings are red.
    tints = [torch.tensor(tint).view(3, 1, 1) for tint in ([-0.5, 0, 0.5], [0.5, 0, -0.5])]
    pictures = batch()
    pictures = Batch(pictures.photo / 2 + tints[0], pictures.drawn / 2 + tints[1])
    losses = [own.step(pictures, step) for step in range(40)]
    for name in ("cam", "cam_back"):
        assert losses[0][name] > 2 * math.log(2)  # no better than chance
        assert losses[-1][name] < 0.5


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ('model.name="cyclegan_resnet4"', "'cyclegan_resnet4' has no attention. Set model.name"),
        ("method.layers=[7, 5]", "data.crop is 24; a discriminator of 7 layers wants 96 pixels"),
        ('method.gan_loss="wgan-gp"', "spectral norm has the penalty's place. Use lsgan"),
        ("method.layers=[9, 5]", "data.crop is 24; a discriminator of 9"),
    ],
)
def test_what_does_not_go_together_is_refused(override, message):
    recipe = (o for o in SMALL if "cyclegan" not in override or not o.startswith("model.n_blocks"))
    torch.manual_seed(0)
    with pytest.raises(ConfigError, match=message):
        create_method(load_recipe("ugatit_tiny", (*recipe, override)))


def test_the_smallest_crop_is_judged_by_as_many_layers_as_are_allowed():
    own = method("method.layers=[5, 3]")
    assert own.juries[""](torch.zeros(1, 3, 24, 24))[0].shape == (1, 1, 1, 1)
    with pytest.raises(ConfigError, match=r"data.crop is 20; .* wants 24"):
        method("data.crop=20")
