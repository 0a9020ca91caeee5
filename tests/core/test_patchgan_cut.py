import pytest
import torch
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.models import count_parameters
from nijigan.core.models.patchgan_cut import AntialiasedPatchGAN


def lively(norm="instance"):
    torch.manual_seed(0)
    discriminator = AntialiasedPatchGAN(ndf=2, norm=norm)
    for parameter in discriminator.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return discriminator.double().eval()


@pytest.mark.parametrize(
    ("config", "count"),
    [
        ({}, 2_764_737),
        ({"in_channels": 6}, 2_767_809),
        ({"in_channels": 6, "norm": "batch"}, 2_768_705),
    ],
)
def test_it_has_the_published_size(config, count):
    with torch.device("meta"):
        discriminator = AntialiasedPatchGAN(**config)
    assert count_parameters(discriminator) == count


@pytest.mark.parametrize(("side", "patches"), [(256, 30), (24, 1)])
def test_it_gives_as_many_verdicts_as_the_plain_one(side, patches):
    assert lively()(torch.zeros(1, 3, side, side).double()).shape == (1, 1, patches, patches)


def test_it_is_cuts_layer_by_layer():
    """Its convolutions have the numbers of CUT's sequence, where blurs are 2, 6 and 10."""
    discriminator = lively()
    weights = discriminator.state_dict()
    row = torch.tensor([1.0, 2.0, 1.0], dtype=torch.float64) / 4
    image = torch.rand(2, 3, 32, 40, dtype=torch.float64) * 2 - 1
    h = image
    for index in (0, 3, 7, 11, 14):
        weight, bias = weights[f"layers.{index}.weight"], weights[f"layers.{index}.bias"]
        h = functional.conv2d(h, weight, bias, padding=1)
        if index in (3, 7, 11):
            h = functional.instance_norm(h)
        if index < 14:
            h = functional.leaky_relu(h, 0.2)
        if index < 11:
            kernel = (row[:, None] * row).expand(h.shape[1], 1, 3, 3)
            padded = functional.pad(h, (1, 1, 1, 1), mode="reflect")
            h = functional.conv2d(padded, kernel, groups=h.shape[1])[:, :, ::2, ::2]
    torch.testing.assert_close(discriminator(image), h)


def test_a_verdict_sees_84_pixels():
    image = torch.rand(1, 3, 128, 128, dtype=torch.float64, requires_grad=True)
    lively(norm="none")(image)[0, 0, 6, 6].backward()
    rows = image.grad.abs().sum((0, 1, 3)).nonzero().flatten()
    assert int(rows.max() - rows.min()) + 1 == 84


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_a_verdict_does_not_depend_on_batch_mates(norm):
    discriminator = lively(norm)
    image = torch.rand(3, 3, 32, 32, dtype=torch.float64)
    together = discriminator(image)
    for i in range(3):
        torch.testing.assert_close(together[i : i + 1], discriminator(image[i : i + 1]))


def test_the_config_builds_the_same_network():
    discriminator = AntialiasedPatchGAN(in_channels=6, ndf=2, norm="batch")
    again = AntialiasedPatchGAN(**discriminator.config)
    assert again.config == discriminator.config
    again.load_state_dict(discriminator.state_dict())


def test_an_unknown_norm_is_an_error():
    with pytest.raises(ConfigError, match="batch"):
        AntialiasedPatchGAN(norm="bach")
