import pytest
import torch
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.models import count_parameters
from nijigan.core.models.patchgan import PatchGAN

FORMS = [{}, {"norm": "batch"}, {"form": "keras"}]


def lively(**config):
    torch.manual_seed(0)
    discriminator = PatchGAN(ndf=2, **config)
    for parameter in discriminator.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return discriminator.double().eval()


def picture(n=1, height=32, width=40):
    torch.manual_seed(1)
    return torch.rand(n, 3, height, width, dtype=torch.float64) * 2 - 1


@pytest.mark.parametrize(
    ("config", "count"),
    [
        ({}, 2_764_737),
        ({"in_channels": 6}, 2_767_809),
        ({"in_channels": 6, "norm": "batch"}, 2_768_705),
        ({"form": "keras"}, 2_765_633),
    ],
)
def test_it_has_the_published_size(config, count):
    with torch.device("meta"):
        discriminator = PatchGAN(**config)
    assert count_parameters(discriminator) == count


@pytest.mark.parametrize(
    ("form", "side", "patches"),
    [("torch", 256, 30), ("torch", 24, 1), ("keras", 256, 32), ("keras", 24, 3)],
)
def test_it_gives_the_published_number_of_verdicts(form, side, patches):
    assert lively(form=form)(picture(1, side, side)).shape == (1, 1, patches, patches)


def judged(convolutions, norms, image, pads):
    """The five convolutions with their padding, the norms of the three in the middle."""
    h = image
    for index, (weight, bias, pad) in enumerate(zip(*convolutions, pads, strict=True)):
        h = functional.conv2d(functional.pad(h, pad), weight, bias, stride=2 if index < 3 else 1)
        if 0 < index < 4:
            scale, shift, eps = norms[index - 1]
            variance, mean = torch.var_mean(h, (2, 3), correction=0, keepdim=True)
            h = (h - mean) / (variance + eps).sqrt() * scale.view(-1, 1, 1) + shift.view(-1, 1, 1)
        if index < 4:
            h = torch.maximum(h, 0.2 * h)
    return h


def test_it_is_the_published_one_layer_by_layer():
    """Its convolutions have the numbers of pix2pix's sequence."""
    discriminator = lively()
    weights = discriminator.state_dict()
    assert len(weights) == 10
    convolutions = [
        [weights[f"layers.{index}.{key}"] for index in (0, 2, 5, 8, 11)]
        for key in ("weight", "bias")
    ]
    plain = (torch.ones(1), torch.zeros(1), 1e-5)
    expected = judged(convolutions, [plain] * 3, picture(2), [(1, 1, 1, 1)] * 5)
    torch.testing.assert_close(discriminator(picture(2)), expected)


def test_it_is_kerass_layer_by_layer():
    """ "Same" pads a 4×4 convolution of stride 1 by one before and by two after."""
    discriminator = lively(form="keras")
    convolutions = [m for m in discriminator.layers if isinstance(m, torch.nn.Conv2d)]
    norms = [m for m in discriminator.layers if isinstance(m, torch.nn.InstanceNorm2d)]
    assert [conv.bias is not None for conv in convolutions] == [True, False, False, False, True]
    expected = judged(
        [[conv.weight for conv in convolutions], [conv.bias for conv in convolutions]],
        [(norm.weight, norm.bias, 1e-3) for norm in norms],
        picture(2),
        [(1, 1, 1, 1)] * 3 + [(1, 2, 1, 2)] * 2,
    )
    torch.testing.assert_close(discriminator(picture(2)), expected)


@pytest.mark.parametrize("form", ["torch", "keras"])
def test_a_verdict_sees_70_pixels(form):
    discriminator = lively(form=form)
    for layer in discriminator.modules():
        if isinstance(layer, torch.nn.InstanceNorm2d):
            layer.forward = lambda x: x
    image = picture(1, 128, 128).requires_grad_()
    discriminator(image)[0, 0, 6, 6].backward()
    rows = image.grad.abs().sum((0, 1, 3)).nonzero().flatten()
    assert int(rows.max() - rows.min()) + 1 == 70


@pytest.mark.parametrize("form", FORMS)
def test_a_verdict_does_not_depend_on_batch_mates(form):
    discriminator = lively(**form)
    together = discriminator(picture(3))
    for i in range(3):
        torch.testing.assert_close(together[i : i + 1], discriminator(picture(3)[i : i + 1]))


@pytest.mark.parametrize("form", FORMS)
def test_the_first_weights_are_the_published_ones(form):
    torch.manual_seed(0)
    layers = PatchGAN(ndf=16, **form).layers
    for conv in layers:
        if isinstance(conv, torch.nn.Conv2d):
            assert float(conv.weight.detach().std()) == pytest.approx(0.02, rel=0.1)


@pytest.mark.parametrize("form", FORMS)
def test_the_config_builds_the_same_network(form):
    discriminator = PatchGAN(in_channels=6, ndf=2, **form)
    again = PatchGAN(**discriminator.config)
    assert again.config == discriminator.config
    assert form.items() <= discriminator.config.items()
    again.load_state_dict(discriminator.state_dict())


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"norm": "bach"}, "batch"),
        ({"form": "kreas"}, "keras"),
        ({"form": "keras", "norm": "batch"}, "It has norm = 'instance'"),
    ],
)
def test_values_that_are_not_allowed_are_errors(config, message):
    with pytest.raises(ConfigError, match=message):
        PatchGAN(**config)
