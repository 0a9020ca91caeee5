import pytest
import torch
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.losses import (
    gan_loss,
    gradient_loss,
    gradient_penalty,
    hinge,
    lsgan,
    vanilla,
    wasserstein,
)


@pytest.mark.parametrize("real", [True, False])
def test_vanilla_is_cross_entropy(real):
    logits = torch.randn(2, 1, 4, 4)
    expected = functional.binary_cross_entropy_with_logits(
        logits, torch.full_like(logits, float(real))
    )
    torch.testing.assert_close(vanilla(logits, real), expected)


@pytest.mark.parametrize(("real", "loss"), [(True, 0.25), (False, 2.25)])
def test_lsgan_is_a_mean_square(real, loss):
    assert lsgan(torch.full((2, 1, 3, 3), 1.5), real).item() == loss


@pytest.mark.parametrize(("real", "each"), [(True, [0, 0.5, 1, 2]), (False, [3, 1.5, 1, 0])])
def test_hinge_is_zero_past_one_on_the_right_side(real, each):
    logits = torch.tensor([2.0, 0.5, 0.0, -1.0])
    assert hinge(logits, real).item() == pytest.approx(sum(each) / 4)


def test_each_adversarial_loss_pulls_its_three_ways():
    for name in ("vanilla", "lsgan", "hinge", "wgan-gp"):
        gan = gan_loss(name)
        slopes = []
        for loss in (gan.real, gan.fake, gan.fool):
            logit = torch.tensor([0.2], requires_grad=True)
            loss(logit).backward()
            slopes.append(logit.grad.item())
        real, fake, fool = slopes
        assert real < 0 < fake, name
        assert fool < 0, name


def test_a_generator_is_told_by_hinge_and_wgan_how_high_it_came():
    logits = torch.tensor([3.0, -1.0])
    for name in ("hinge", "wgan-gp"):
        assert gan_loss(name).fool(logits).item() == -1.0
    assert wasserstein(logits, real=False).item() == 1.0


def test_the_penalty_is_of_the_slope_between_real_and_fake():
    weight = torch.full((1, 1, 2, 2), 1.5, requires_grad=True)
    real, fake = torch.zeros(2, 1, 2, 2), torch.ones(2, 1, 2, 2)
    seen = []

    def judge(picture):
        seen.append(picture.detach().mean((1, 2, 3)))
        return (weight * picture).sum((1, 2, 3))

    penalty = gradient_penalty(judge, real, fake, torch.tensor([0.25, 1.0]))
    # ‖slope‖ = 1.5 · √4 = 3 for each picture
    assert penalty.item() == pytest.approx(4.0)
    torch.testing.assert_close(seen[0], torch.tensor([0.75, 0.0]))
    penalty.backward()
    assert weight.grad is not None
    assert weight.grad.abs().sum() > 0


def test_an_unknown_adversarial_loss_names_the_nearest():
    with pytest.raises(ConfigError, match="'lsgan'"):
        gan_loss("lsgam")


def test_the_gradient_loss_sees_edges_and_not_levels():
    target = torch.zeros(1, 1, 4, 5)
    assert gradient_loss(target + 0.7, target).item() == 0
    edge = target.clone()
    edge[..., 2:] = 1.0
    # One of four differences in x is off by 1, none in y.
    assert gradient_loss(edge, target).item() == pytest.approx(0.25)
