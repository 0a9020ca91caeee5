import pytest
import torch
from torch.nn import functional

from nijigan.core.errors import ConfigError, ModelNotFoundError
from nijigan.core.models import available, count_parameters, create, create_generator
from nijigan.core.models.layers import BlurUp
from nijigan.core.ode import RK4, Adaptive, Euler, Midpoint

TINY = {"ngf": 4, "bottleneck": 8, "n_blocks": 2}
STEMS = ("conv7", "unshuffle")


def tiny(**config):
    torch.manual_seed(0)
    return create_generator("nijigan", **(TINY | config))


def lively(**config):
    """A tiny generator in evaluation mode that does something in every block."""
    generator = tiny(**config)
    for name, parameter in generator.named_parameters():
        if parameter.dim() == 4:
            torch.nn.init.normal_(parameter, std=0.3)
        elif "norm2.weight" in name:  # starts at zero
            torch.nn.init.ones_(parameter)
    return generator.eval()


@pytest.mark.parametrize(
    ("name", "config", "count"),
    [
        ("nijigan", {}, 5_477_379),
        ("nijigan", {"n_blocks": 9}, 11_378_179),
        ("patchgan70", {}, 2_764_737),
        ("patchgan70", {"in_channels": 6}, 2_767_809),
        ("patchgan70", {"in_channels": 6, "norm": "batch"}, 2_768_705),
    ],
)
def test_networks_have_the_published_size(name, config, count):
    assert count_parameters(create(name, **config)) == count


@pytest.mark.parametrize("stem", STEMS)
def test_with_one_euler_step_it_is_a_resnet_bit_for_bit(stem):
    generator = lively(stem=stem, solver="euler", n_blocks=3, dilations=[1, 2, 1])
    image = torch.rand(2, 3, 32, 32) * 2 - 1
    h = generator.encoder(image)
    for block in generator.blocks:
        h = h + block.f(0.0, h)
    assert torch.equal(generator(image), generator.decoder(h))


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("norm", ["instance", "batch", "none"])
@pytest.mark.parametrize("size", [(16, 16), (20, 36)])
def test_the_output_has_the_size_and_range_of_the_input(stem, norm, size):
    generator = tiny(stem=stem, norm=norm, dilations=[1, 3])
    drawn = generator(torch.rand(2, 3, *size) * 2 - 1)
    assert drawn.shape == (2, 3, *size)
    assert drawn.abs().max() <= 1


@pytest.mark.parametrize("stem", STEMS)
def test_at_strength_zero_the_blocks_do_nothing(stem):
    generator = lively(stem=stem, norm="batch")
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    around = generator.decoder(generator.encoder(image))
    assert torch.equal(generator(image, 0.0), around)
    assert not torch.allclose(generator(image, 1.0), around, atol=1e-3)


def test_strengths_of_all_forms_agree_and_act_per_picture():
    generator = lively(norm="batch", solver="rk4").double()
    image = torch.rand(3, 3, 16, 16, dtype=torch.float64) * 2 - 1
    strengths = torch.tensor([0.0, 0.4, 1.0], dtype=torch.float64)
    together = generator(image, strengths)
    for i, strength in enumerate(strengths):
        alone = generator(image[i : i + 1], float(strength))
        torch.testing.assert_close(together[i : i + 1], alone)
        torch.testing.assert_close(generator(image[i : i + 1], strength), alone)


@pytest.mark.parametrize("config", [{"solver": "heun", "steps": 3}, {"stem": "unshuffle"}])
def test_the_config_builds_the_same_network(config):
    generator = tiny(**config)
    again = create_generator("nijigan", **generator.config)
    again.load_state_dict(generator.state_dict())
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    assert again.config == generator.config
    assert torch.equal(again(image), generator(image))


def test_a_swapped_solver_is_used_and_kept_in_the_config():
    generator = lively(norm="batch", solver="euler")
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    before = generator(image)
    generator.set_solver(RK4(2))
    assert not torch.allclose(generator(image), before)
    assert generator.config["solver"] == "rk4"
    assert generator.config["steps"] == 2


def seen_radius(generator, side):
    """The distance to the farthest input pixel with a gradient from any pixel of the middle 4×4."""
    farthest = 0
    middle = side // 2
    for row in range(middle, middle + 4):
        image = (torch.rand(1, 3, side, side, dtype=torch.float64) * 2 - 1).requires_grad_()
        generator(image)[0, :, row, middle].sum().backward()
        rows = image.grad.abs().sum((0, 1, 3)).nonzero().flatten()
        farthest = max(farthest, row - int(rows.min()), int(rows.max()) - row)
    return farthest


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("solver", [Euler(1), Midpoint(1), Euler(3)])
def test_the_radius_is_what_a_pixel_sees(stem, solver):
    generator = lively(stem=stem, norm="batch", dilations=[1, 2]).double()
    # A linear network has a gradient on every path, so that the bound is met and not only kept.
    for layer in generator.modules():
        if isinstance(layer, torch.nn.ReLU | torch.nn.Tanh):
            layer.forward = lambda x: x
    generator.set_solver(solver)
    radius = generator.receptive_radius()
    assert seen_radius(generator, 2 * radius + 16) == radius


def test_an_adaptive_solver_has_no_radius():
    generator = tiny()
    generator.set_solver(Adaptive())
    with pytest.raises(ConfigError, match="fixed solver"):
        generator.receptive_radius()


@pytest.mark.parametrize("stem", STEMS)
def test_the_taps_are_all_there(stem):
    generator = tiny(stem=stem).eval()
    features = generator.features(torch.rand(1, 3, 16, 16))
    assert sorted(features) == sorted(generator.taps)
    assert features["bottleneck.last"].shape == (1, 8, 4, 4)


@pytest.mark.parametrize("norm", ["batch", "none"])
def test_a_student_starts_with_blocks_that_do_nothing(norm):
    generator = tiny(norm=norm, stem="unshuffle").eval()
    image = torch.rand(1, 3, 16, 16)
    assert torch.equal(generator(image, 1.0), generator(image, 0.0))


def test_enlarging_is_the_published_transposed_convolution():
    x = torch.randn(2, 3, 5, 7)
    row = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = (row[:, None] * row / 64 * 4).expand(3, 1, 4, 4)
    padded = functional.pad(x, (1, 1, 1, 1), mode="replicate")
    wide = functional.conv_transpose2d(padded, kernel, stride=2, padding=2, groups=3)
    torch.testing.assert_close(BlurUp()(x), wide[:, :, 1:-1, 1:-1])


def test_the_discriminator_judges_patches_of_70_pixels():
    discriminator = create("patchgan70", in_channels=3, ndf=2, norm="none")
    assert discriminator(torch.zeros(2, 3, 256, 256)).shape == (2, 1, 30, 30)
    image = torch.rand(1, 3, 128, 128, requires_grad=True)
    discriminator(image)[0, 0, 6, 6].backward()
    rows = image.grad.abs().sum((0, 1, 3)).nonzero().flatten()
    assert int(rows.max() - rows.min()) + 1 == 70


def test_the_registry_names_the_nearest():
    with pytest.raises(ModelNotFoundError, match="'nijigan'"):
        create("nijgan")
    with pytest.raises(ConfigError, match="'bottleneck'"):
        create("nijigan", botleneck=3)
    with pytest.raises(ConfigError, match="does not turn one picture into another"):
        create_generator("patchgan70")
    assert "nijigan" in available()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"dilations": [1]}, "1 dilations for 2 blocks"),
        ({"stem": "conv8"}, "conv7"),
        ({"norm": "bach"}, "batch"),
        ({"solver": "eular"}, "euler"),
    ],
)
def test_values_that_are_not_allowed_are_errors(config, message):
    with pytest.raises(ConfigError, match=message):
        tiny(**config)


PUBLISHED = {
    "nijigan": 5_477_379,
    "cut_resnet4": 5_477_379,
    "cut_resnet6": 7_837_699,
    "cut_resnet9": 11_378_179,
    "cyclegan_resnet4": 5_477_379,
    "cyclegan_resnet6": 7_837_699,
    "cyclegan_resnet9": 11_378_179,
    "unet_128": 41_828_995,
    "unet_256": 54_413_955,
    "ugatit_full": 278_959_808,
    "ugatit_light": 10_589_888,
    "animegan2": 2_143_552,
    "cartoongan": 11_129_667,
    "vae_residual": 16_584_259,
    "patch_sample": 560_384,
    "patchgan70": 2_764_737,
    "patchgan70_cut": 2_764_737,
    "ugatit_disc_global": 53_130_176,
    "ugatit_disc_local": 3_290_560,
}


def test_every_registered_network_has_a_published_size():
    assert available() == sorted(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_registered_network_has_its_published_size(name):
    with torch.device("meta"):
        assert count_parameters(create(name)) == PUBLISHED[name]
