import pytest
import torch
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.models import count_parameters, create_generator
from nijigan.core.models.resnet import ResNetGenerator

TINY = {"ngf": 4, "n_blocks": 2}
FORMS = [
    {"antialias": True},
    {"antialias": False},
    {"antialias": False, "form": "keras"},
    {"antialias": False, "norm": "batch", "dropout": True},
]
# NijiGAN's decoder numbers its convolutions.
FROM_NIJIGAN = {
    "decoder.1.": "decoder.up1.",
    "decoder.5.": "decoder.up2.",
    "decoder.9.": "decoder.head.",
}


def lively(**config):
    """A tiny generator in evaluation mode whose parameters all do something."""
    torch.manual_seed(0)
    generator = ResNetGenerator(**(TINY | config))
    for parameter in generator.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return generator.eval()


def pictures(n=2, height=16, width=16, dtype=torch.float32):
    return torch.rand(n, 3, height, width, dtype=dtype) * 2 - 1


@pytest.mark.parametrize(
    ("config", "count"),
    [
        ({}, 11_378_179),
        ({"n_blocks": 6}, 7_837_699),
        ({"n_blocks": 4}, 5_477_379),
        ({"antialias": False}, 11_378_179),
        ({"antialias": False, "form": "keras"}, 11_383_427),
    ],
)
def test_networks_have_the_published_size(config, count):
    with torch.device("meta"):
        generator = ResNetGenerator(**config)
    assert count_parameters(generator) == count


def test_with_blurs_it_is_nijigan_with_one_euler_step_bit_for_bit():
    nijigan = create_generator("nijigan", ngf=4, bottleneck=16, n_blocks=4, solver="euler")
    for parameter in nijigan.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    weights = {}
    for key, value in nijigan.state_dict().items():
        for old, new in FROM_NIJIGAN.items():
            key = key.replace(old, new)
        weights[key.replace(".f.", ".")] = value
    generator = ResNetGenerator(ngf=4, n_blocks=4)
    generator.load_state_dict(weights)
    image = pictures(2, 20, 32)
    assert torch.equal(generator(image), nijigan(image))
    torch.testing.assert_close(generator(image, 0.3), nijigan(image, 0.3))


def cyclegan(weights, image):
    """CycleGAN's generator of two blocks, from the paper's appendix."""

    def conv(name, x, **how):
        return functional.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], **how)

    def norm(x):
        mean = x.mean((2, 3), keepdim=True)
        return (x - mean) / (x.var((2, 3), keepdim=True, unbiased=False) + 1e-5).sqrt()

    def reflect(x, by):
        return functional.pad(x, (by, by, by, by), mode="reflect")

    h = norm(conv("encoder.stem", reflect(image, 3))).relu()
    for name in ("encoder.down1", "encoder.down2"):
        h = norm(conv(name, h, stride=2, padding=1)).relu()
    for block in ("blocks.0", "blocks.1"):
        residual = norm(conv(f"{block}.conv1", reflect(h, 1))).relu()
        h = h + norm(conv(f"{block}.conv2", reflect(residual, 1)))
    for name in ("decoder.up1", "decoder.up2"):
        weight, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        wide = functional.conv_transpose2d(h, weight, bias, stride=2, padding=1, output_padding=1)
        h = norm(wide).relu()
    return conv("decoder.head", reflect(h, 3)).tanh()


def test_without_blurs_it_is_cyclegan():
    generator = lively(antialias=False).double()
    image = pictures(2, 16, 24, torch.float64)
    torch.testing.assert_close(generator(image), cyclegan(generator.state_dict(), image))


def keras_cyclegan(weights, image):
    """The CycleGAN of keras.io with two blocks, its transposed convolutions as gradients."""

    def norm(name, x):
        variance, mean = torch.var_mean(x, (2, 3), correction=0, keepdim=True)
        scale, shift = (weights[f"{name}.{key}"].view(-1, 1, 1) for key in ("weight", "bias"))
        return (x - mean) / (variance + 1e-3).sqrt() * scale + shift

    def reflecting(name, x, by, bias=None):
        padded = functional.pad(x, (by, by, by, by), mode="reflect")
        return functional.conv2d(padded, weights[f"{name}.weight"], bias)

    def halved(name, x):
        padded = functional.pad(x, (0, 1, 0, 1))
        return functional.conv2d(padded, weights[f"{name}.weight"], stride=2)

    def doubled(name, x):
        batch, _, height, width = x.shape
        channels = weights[f"{name}.weight"].shape[1]
        wide = torch.zeros(batch, channels, 2 * height, 2 * width).to(x).requires_grad_()
        with torch.enable_grad():
            return torch.autograd.grad(halved(name, wide), wide, x)[0]

    h = norm("encoder.stem_norm", reflecting("encoder.stem", image, 3)).relu()
    for name in ("encoder.down1", "encoder.down2"):
        h = norm(f"{name}_norm", halved(name, h)).relu()
    for block in ("blocks.0", "blocks.1"):
        inner = norm(f"{block}.norm1", reflecting(f"{block}.conv1", h, 1)).relu()
        h = h + norm(f"{block}.norm2", reflecting(f"{block}.conv2", inner, 1))
    for name in ("decoder.up1", "decoder.up2"):
        h = norm(f"{name}_norm", doubled(name, h)).relu()
    return reflecting("decoder.head", h, 3, weights["decoder.head.bias"]).tanh()


def test_in_the_form_of_keras_it_is_kerass_cyclegan():
    generator = lively(antialias=False, form="keras").double()
    image = pictures(2, 16, 24, torch.float64)
    with torch.no_grad():
        drawn = generator(image)
    torch.testing.assert_close(drawn, keras_cyclegan(generator.state_dict(), image))


def test_the_first_weights_of_the_form_of_keras_are_keras():
    torch.manual_seed(0)
    generator = ResNetGenerator(ngf=16, n_blocks=1, antialias=False, form="keras")
    spread = {name: float(p.detach().std()) for name, p in generator.named_parameters()}
    assert spread["blocks.0.conv1.weight"] == pytest.approx(0.02, rel=0.05)
    assert spread["blocks.0.norm1.weight"] == pytest.approx(0.02, rel=0.3)
    # Uniform within ±limit has the deviation limit / √3.
    limit = (6 / (49 * (16 + 3))) ** 0.5
    assert spread["decoder.head.weight"] == pytest.approx(limit / 3**0.5, rel=0.05)


def test_only_convolutions_that_no_shift_follows_have_a_bias():
    biased = [
        [name for name, _ in ResNetGenerator(**TINY, **form).named_parameters() if "bias" in name]
        for form in ({"antialias": False, "form": "keras"}, {"norm": "batch"})
    ]
    for names in biased:
        assert [name for name in names if "norm" not in name] == ["decoder.head.bias"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [(16, 16), (20, 36)])
def test_the_output_has_the_size_and_range_of_the_input(form, size):
    assert all(side % ResNetGenerator.input_multiple == 0 for side in size)
    drawn = lively(**form).train()(pictures(2, *size))
    assert drawn.shape == (2, 3, *size)
    assert drawn.abs().max() <= 1


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_does_not_depend_on_its_batch_mates(form):
    generator = lively(**form).double()
    image = pictures(3, dtype=torch.float64)
    together = generator(image)
    for i in range(3):
        torch.testing.assert_close(together[i : i + 1], generator(image[i : i + 1]))


@pytest.mark.parametrize("form", FORMS)
def test_at_strength_zero_the_blocks_do_nothing(form):
    generator = lively(**form)
    image = pictures()
    around = generator.decoder(generator.encoder(image))
    assert torch.equal(generator(image, 0.0), around)
    assert not torch.allclose(generator(image, 1.0), around, atol=1e-3)


def test_strengths_of_all_forms_agree_and_act_per_picture():
    generator = lively().double()
    image = pictures(3, dtype=torch.float64)
    strengths = torch.tensor([0.0, 0.4, 1.0], dtype=torch.float64)
    together = generator(image, strengths)
    for i, strength in enumerate(strengths):
        alone = generator(image[i : i + 1], float(strength))
        torch.testing.assert_close(together[i : i + 1], alone)
        torch.testing.assert_close(generator(image[i : i + 1], strength), alone)


def test_dropout_acts_in_training_alone():
    image = pictures()
    generator, plain = lively(dropout=True), lively()
    assert torch.equal(generator(image), plain(image))
    generator.train()
    assert not torch.equal(generator(image), generator(image))


@pytest.mark.parametrize("form", FORMS)
def test_the_config_builds_the_same_network(form):
    generator = lively(**form)
    again = ResNetGenerator(**generator.config).eval()
    again.load_state_dict(generator.state_dict())
    image = pictures()
    assert again.config == generator.config
    assert torch.equal(again(image), generator(image))


@pytest.mark.parametrize(("antialias", "side"), [(True, 16), (False, 8)])
def test_the_taps_are_the_published_ones(antialias, side):
    generator = lively(n_blocks=9, antialias=antialias)
    image = pictures()
    features = generator.features(image, generator.taps)
    assert tuple(features) == generator.taps
    assert torch.equal(features["pad"], functional.pad(image, (3, 3, 3, 3), mode="reflect"))
    # Before norm and ReLU, and before a blur halves them.
    assert features["down1"].shape == (2, 8, side, side)
    assert features["down2"].shape == (2, 16, side // 2, side // 2)
    assert features["down1"].mean((2, 3)).abs().max() > 1e-3
    assert torch.equal(generator.decoder(features["bottleneck.last"]), generator(image))
    h = features["bottleneck.first"]
    for block in generator.blocks[1:5]:
        h = block(h)
    assert torch.equal(features["bottleneck.middle"], h)


@pytest.mark.parametrize("antialias", [True, False])
def test_the_first_weights_are_the_published_ones(antialias):
    torch.manual_seed(0)
    weight = ResNetGenerator(ngf=16, n_blocks=1, antialias=antialias).blocks[0].conv1.weight
    wanted = 0.02 * (2 / (2 * 64 * 9)) ** 0.5 if antialias else 0.02
    assert float(weight.detach().std()) == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize("form", FORMS)
def test_the_radius_is_what_a_pixel_sees(form):
    # Without InstanceNorm, which sees everything, and linear, so that the bound is met.
    generator = lively(**form).double()
    for layer in generator.modules():
        if isinstance(layer, torch.nn.InstanceNorm2d | torch.nn.ReLU | torch.nn.Tanh):
            layer.forward = lambda x: x
    radius = generator.receptive_radius()
    middle = radius + 8 - radius % 4
    farthest = 0
    for row in range(middle, middle + 4):
        side = 2 * middle + 4
        image = pictures(1, side, side, torch.float64).requires_grad_()
        generator(image)[0, :, row, middle].sum().backward()
        rows = image.grad.abs().sum((0, 1, 3)).nonzero().flatten()
        farthest = max(farthest, row - int(rows.min()), int(rows.max()) - row)
    assert farthest == radius


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"norm": "bach"}, "batch"),
        ({"form": "kreas"}, "keras"),
        ({"form": "keras"}, "antialias = false"),
        ({"form": "keras", "norm": "batch", "antialias": False}, "norm = 'instance'"),
    ],
)
def test_values_that_are_not_allowed_are_errors(config, message):
    with pytest.raises(ConfigError, match=message):
        ResNetGenerator(**TINY, **config)
