import pytest
import torch
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.losses import gan_loss, gradient_loss


@pytest.mark.parametrize("real", [True, False])
def test_vanilla_is_cross_entropy(real):
    logits = torch.randn(2, 1, 4, 4)
    expected = functional.binary_cross_entropy_with_logits(
        logits, torch.full_like(logits, float(real))
    )
    torch.testing.assert_close(gan_loss("vanilla")(logits, real), expected)


@pytest.mark.parametrize(("real", "loss"), [(True, 0.25), (False, 2.25)])
def test_lsgan_is_a_mean_square(real, loss):
    assert gan_loss("lsgan")(torch.full((2, 1, 3, 3), 1.5), real).item() == loss


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
