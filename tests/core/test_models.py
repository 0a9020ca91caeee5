import pytest
import torch
from torch.nn import functional

from nijigan.core.errors import ConfigError, ModelNotFoundError
from nijigan.core.models import available, count_parameters, create, create_generator
from nijigan.core.models.layers import BlurUp
from nijigan.core.ode import RK4, Adaptive, Euler, Midpoint

TINY = {"ngf": 4, "bottleneck": 8, "n_blocks": 2}
STEMS = ("conv7", "unshuffle")
TIMES = ("none", "concat", "film")


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
        # What else the paper's text would allow; of these only the wide one rounds to its 5.477 M.
        ("nijigan", {"n_blocks": 1, "hidden": 1024}, 5_476_611),
        ("nijigan", {"n_blocks": 1}, 1_936_899),
        ("nijigan", {"time": "concat", "norm": "none"}, 5_495_811),
        ("nijigan", {"time": "concat", "norm": "none", "n_blocks": 1}, 1_941_507),
        ("nijigan", {"time": "film"}, 5_477_379 + 8 * 4 * 256),
        ("patchgan70", {}, 2_764_737),
        ("patchgan70", {"in_channels": 6}, 2_767_809),
        ("patchgan70", {"in_channels": 6, "norm": "batch"}, 2_768_705),
    ],
)
def test_networks_have_the_published_size(name, config, count):
    with torch.device("meta"):
        assert count_parameters(create(name, **config)) == count


@pytest.mark.parametrize("norm", ["batch", "group"])
def test_eight_convolutions_without_bias_and_as_many_affine_norms_are_another_size(norm):
    with torch.device("meta"):
        published, affine = (create("nijigan", norm=kind) for kind in ("instance", norm))
    around = count_parameters(published) - count_parameters(published.blocks)
    assert around == 756_739
    assert around + count_parameters(affine.blocks) == 5_479_427


def test_a_config_from_before_an_option_means_the_network_of_then():
    old = {
        "ngf": 4,
        "bottleneck": 8,
        "n_blocks": 1,
        "norm": "batch",
        "decoder_norm": "none",
        "dilations": [2],
        "stem": "unshuffle",
        "solver": "midpoint",
        "steps": 1,
    }
    keys = set(create_generator("nijigan", **old).blocks.state_dict())
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    assert keys == {
        *(f"0.f.conv{i}.weight" for i in (1, 2)),
        *(f"0.f.norm{i}.{key}" for i in (1, 2) for key in norm),
    }
    with torch.device("meta"):
        keys = set(create("nijigan").blocks.state_dict())
    assert keys == {
        f"{block}.f.conv{i}.{key}"
        for block in range(4)
        for i in (1, 2)
        for key in ("weight", "bias")
    }


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize(
    "config",
    [
        {},
        {"norm": "group", "hidden": 12},
        {"norm": "none", "time": "concat"},
        {"norm": "batch", "time": "film"},
    ],
)
def test_with_one_euler_step_it_is_a_resnet_bit_for_bit(stem, config):
    generator = lively(stem=stem, solver="euler", n_blocks=3, dilations=[1, 2, 1], **config)
    image = torch.rand(2, 3, 32, 32) * 2 - 1
    h = generator.encoder(image)
    for block in generator.blocks:
        h = h + block.f(0.0, h)
    assert torch.equal(generator(image), generator.decoder(h))


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("norm", ["instance", "batch", "group", "none"])
@pytest.mark.parametrize("size", [(16, 16), (20, 36)])
def test_the_output_has_the_size_and_range_of_the_input(stem, norm, size):
    generator = tiny(stem=stem, norm=norm, dilations=[1, 3])
    drawn = generator(torch.rand(2, 3, *size) * 2 - 1)
    assert drawn.shape == (2, 3, *size)
    assert drawn.abs().max() <= 1


def test_gray_takes_color_away_as_strength_grows():
    generator, image = lively(stem="unshuffle", norm="batch"), torch.rand(2, 3, 32, 32) * 2 - 1
    gray = create_generator("nijigan", **(generator.config | {"gray": True})).eval()
    gray.load_state_dict(generator.state_dict())
    assert gray.config["gray"]
    drawn = gray(image, torch.tensor([0.0, 1.0]))
    colored = generator(image, torch.tensor([0.0, 1.0]))
    assert torch.equal(drawn[0], colored[0])
    luma = (colored[1] * torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)).sum(0, keepdim=True)
    assert torch.allclose(drawn[1], luma.expand(3, -1, -1), atol=1e-6)


@pytest.mark.parametrize("stem", STEMS)
def test_at_strength_zero_the_blocks_do_nothing(stem):
    generator = lively(stem=stem, norm="batch")
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    around = generator.decoder(generator.encoder(image))
    assert torch.equal(generator(image, 0.0), around)
    assert not torch.allclose(generator(image, 1.0), around, atol=1e-3)


@pytest.mark.parametrize("stem", STEMS)
def test_edges_change_what_is_drawn_near_them_alone(stem):
    config = {"norm": "batch", "solver": "euler", "n_blocks": 1, "stem": stem, "time": "concat"}
    reflecting, padding = lively(**config), lively(**config, edges="zeros")
    image = torch.rand(1, 3, 96, 96) * 2 - 1
    difference = (reflecting(image) - padding(image)).abs()
    assert difference[..., 32:-32, 32:-32].max() == 0
    assert difference[..., :4].max() > 0.01


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("norm", ["batch", "group"])
def test_strengths_of_all_forms_agree_and_act_per_picture(time, norm):
    generator = lively(norm=norm, time=time, solver="rk4", bottleneck=64).double()
    image = torch.rand(3, 3, 16, 16, dtype=torch.float64) * 2 - 1
    strengths = torch.tensor([0.0, 0.4, 1.0], dtype=torch.float64)
    together = generator(image, strengths)
    for i, strength in enumerate(strengths):
        alone = generator(image[i : i + 1], float(strength))
        torch.testing.assert_close(together[i : i + 1], alone)
        torch.testing.assert_close(generator(image[i : i + 1], strength), alone)


@pytest.mark.parametrize(
    "config",
    [
        {"solver": "heun", "steps": 3},
        {"stem": "unshuffle", "edges": "zeros"},
        {"hidden": 12, "norm": "group"},
        {"time": "concat", "norm": "batch"},
        {"time": "film", "decoder_norm": "group"},
        {"solver": "adaptive", "rtol": 1e-2, "atol": 1e-4, "adjoint": True},
        {"solver": "adaptive", "adaptive_method": "bosh3"},
    ],
)
def test_the_config_builds_the_same_network(config):
    generator = tiny(**config)
    again = create_generator("nijigan", **generator.config)
    again.load_state_dict(generator.state_dict())
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    assert again.config == generator.config
    assert config.items() <= generator.config.items()
    assert torch.equal(again(image), generator(image))


def test_a_swapped_solver_is_used_and_kept_in_the_config():
    generator = lively(norm="batch", solver="euler")
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    before = generator(image)
    generator.set_solver(RK4(2))
    assert not torch.allclose(generator(image), before)
    assert generator.config["solver"] == "rk4"
    assert generator.config["steps"] == 2
    adaptive = Adaptive("dopri8", 1e-2, 1e-4)
    generator.set_solver(adaptive)
    assert create_generator("nijigan", **generator.config).solver == adaptive


def test_f_is_two_convolutions_with_norms_that_know_the_time():
    """Group norm of 64 channels in 32 groups, in the middle 96; time as scale and shift."""
    f = lively(norm="group", bottleneck=64, hidden=96, time="film", dilations=[1, 2]).blocks[1].f
    weights = f.state_dict()
    h, t = torch.randn(2, 64, 7, 6), torch.tensor([0.2, 0.9]).view(-1, 1, 1, 1)
    expected = h
    for i, channels in ((1, 96), (2, 64)):
        expected = functional.pad(expected, (2, 2, 2, 2), mode="reflect")
        expected = functional.conv2d(expected, weights[f"conv{i}.weight"], dilation=2)
        groups = expected.view(2, 32, -1)
        variance, mean = torch.var_mean(groups, -1, correction=0, keepdim=True)
        expected = ((groups - mean) / (variance + 1e-5).sqrt()).view(2, channels, 7, 6)
        norm = (weights[f"norm{i}.{key}"].view(-1, 1, 1) for key in ("weight", "bias"))
        expected = torch.addcmul(*reversed((expected, *norm)))
        scale, shift = weights[f"film{i}.scale"], weights[f"film{i}.shift"]
        expected = (1 + scale[0] + t * scale[1]) * expected + shift[0] + t * shift[1]
        if i == 1:
            expected = expected.relu()
    torch.testing.assert_close(f(t, h), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("config", [{"time": "concat", "norm": "none"}, {"time": "film"}])
def test_f_depends_on_time_and_the_solver_gives_it(config):
    generator = lively(**config, solver="midpoint")
    f = generator.blocks[0].f
    h = torch.randn(1, 8, 6, 6)
    assert not torch.allclose(f(0.0, h), f(0.5, h), atol=1e-3)
    torch.testing.assert_close(generator.blocks[0](h), h + f(0.5, h + 0.5 * f(0.0, h)))


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_film_starts_as_the_network_without(norm):
    film, plain = (tiny(norm=norm, time=time, solver="rk4") for time in ("film", "none"))
    assert not film.load_state_dict(plain.state_dict(), strict=False).unexpected_keys
    image = torch.rand(2, 3, 16, 16) * 2 - 1
    assert torch.equal(film(image, 0.7), plain(image, 0.7))


def test_the_options_of_f_do_not_change_how_far_it_sees():
    radius = tiny(norm="batch").receptive_radius()
    for config in ({"time": "film"}, {"time": "concat"}, {"hidden": 3}):
        assert tiny(norm="batch", **config).receptive_radius() == radius
    assert tiny(norm="group").receptive_radius() == radius


@pytest.mark.parametrize("norm", ["instance", "group"])
def test_training_pictures_do_not_depend_on_their_batch_mates(norm):
    generator = lively(norm=norm, time="film").double().train()
    image = torch.rand(3, 3, 16, 16, dtype=torch.float64) * 2 - 1
    together = generator(image)
    for i in range(3):
        torch.testing.assert_close(together[i : i + 1], generator(image[i : i + 1]))


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
    features = generator.features(torch.rand(1, 3, 16, 16), generator.taps)
    assert sorted(features) == sorted(generator.taps)
    assert features["bottleneck.last"].shape == (1, 8, 4, 4)


@pytest.mark.parametrize("make", [tiny, lambda: create_generator("cut_resnet9", ngf=4, n_blocks=4)])
def test_what_follows_the_last_tap_is_not_run(make):
    generator, image = make().eval(), torch.rand(1, 3, 16, 16)
    every = generator.features(image, generator.taps)
    generator.blocks[1].forward = None
    some = generator.features(image, ["down1", "bottleneck.first"])
    assert {name: torch.equal(some[name], every[name]) for name in some} == {
        "down1": True,
        "bottleneck.first": True,
    }


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("norm", ["batch", "group", "none"])
def test_a_student_starts_with_blocks_that_do_nothing(norm, time):
    generator = tiny(norm=norm, time=time, stem="unshuffle", bottleneck=64).eval()
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


def test_the_registry_takes_defaults_and_whole_numbers_for_numbers():
    assert create_generator("nijigan", **TINY, hidden=0).config["hidden"] == 8
    assert create_generator("nijigan", **TINY, solver="adaptive", rtol=1).solver == Adaptive(rtol=1)
    with pytest.raises(ConfigError, match="It must be a number"):
        create("nijigan", rtol="small")
    with pytest.raises(ConfigError, match="a whole number from 1"):
        create("nijigan", n_blocks=0)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"dilations": [1]}, "1 dilations for 2 blocks"),
        ({"stem": "conv8"}, "conv7"),
        ({"edges": "zero"}, "zeros"),
        ({"norm": "bach"}, "batch"),
        ({"solver": "eular"}, "euler"),
        ({"time": "flim"}, "film"),
        ({"time": "concat"}, "norm 'instance' of 8 channels takes each channel's mean away"),
        ({"time": "concat", "norm": "group", "bottleneck": 32}, "'group' of more than 32"),
        ({"norm": "group", "bottleneck": 40}, "32 groups over 40 channels"),
        ({"rtol": 0.0}, "'rtol' is 0.0"),
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
    # transformer, Inception to Mixed_6e, to the style vector, to scales and shifts
    "arbitrary": 1_674_656 + 8_956_448 + 76_900 + 278_558,
    "vqi2i_cross": 162_356_502,
    "vqi2i_adain": 569_531_910,  # the widths are published, the total is not
    "patch_sample": 560_384,
    "patchgan70": 2_764_737,
    "patchgan70_cut": 2_764_737,
    "ugatit_disc_global": 53_130_176,
    "ugatit_disc_local": 3_290_560,
    "vgg19": 20_024_384,  # the convolutions
    "mobilenet_v2": 3_504_872,  # with the classifier
    "efficientnet_lite0": 4_652_008,  # with the classifier
}


def test_every_registered_network_has_a_published_size():
    assert available() == sorted(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_registered_network_has_its_published_size(name):
    with torch.device("meta"):
        assert count_parameters(create(name)) == PUBLISHED[name]
