import pytest
import torch

from nijigan.core.errors import ConfigError
from nijigan.core.models import count_parameters
from nijigan.core.models.animegan2 import AnimeGAN2

UPSAMPLING = ("aligned", "double")


def tiny(upsampling="aligned"):
    torch.manual_seed(0)
    return AnimeGAN2(width=2, upsampling=upsampling).eval()


def test_it_has_the_published_size():
    with torch.device("meta"):
        assert count_parameters(AnimeGAN2()) == 2_143_552


def test_parameters_have_the_names_of_the_public_checkpoints():
    with torch.device("meta"):
        names = set(AnimeGAN2().state_dict())
    convs = [f"block_{block}.{i}" for block, i in ("a0", "a1", "a2", "b0", "b1", "c0", "c5")]
    convs += [f"block_{block}.{i}" for block, i in ("d0", "d1", "e0", "e1", "e2")]
    inner = [f"block_c.{i}.layers" for i in (1, 2, 3, 4)]
    norms = [f"{conv}.2" for conv in convs]
    norms += [f"{block}.{norm}" for block in inner for norm in ("0.2", "1.2", "3")]
    assert names == {
        "out_layer.0.weight",
        *(f"{conv}.1.weight" for conv in convs),
        *(f"{block}.{conv}" for block in inner for conv in ("0.1.weight", "2.weight")),
        *(f"{block}.{conv}" for block in inner for conv in ("1.1.weight", "1.1.bias")),
        *(f"{norm}.{kind}" for norm in norms for kind in ("weight", "bias")),
    }


@pytest.mark.parametrize(
    ("upsampling", "size"),
    [("aligned", (16, 16)), ("aligned", (17, 19)), ("aligned", (33, 18)), ("double", (16, 36))],
)
def test_the_output_has_the_size_and_range_of_the_input(upsampling, size):
    drawn = tiny(upsampling)(torch.rand(2, 3, *size) * 2 - 1)
    assert drawn.shape == (2, 3, *size)
    assert drawn.abs().max() <= 1


def test_the_size_multiple_is_what_the_upsampling_needs():
    assert tiny("aligned").input_multiple == 1
    assert tiny("double").input_multiple == 4


def test_the_two_ways_of_enlarging_differ():
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    assert not torch.allclose(tiny("aligned")(image), tiny("double")(image), atol=1e-3)


def test_strided_convolutions_pad_the_far_edges_only():
    conv = tiny().block_b[0]
    kernel = torch.zeros_like(conv[1].weight)
    kernel[:, :, 0, 0] = 1
    conv[1].weight.data = kernel
    h = torch.rand(1, 4, 6, 6)
    # Its first weight meets the pixel itself; with padding on all sides it would be the one before.
    torch.testing.assert_close(conv[:2](h)[0, 0], h[0, :, ::2, ::2].sum(0))


@pytest.mark.parametrize("upsampling", UPSAMPLING)
def test_a_picture_does_not_depend_on_its_batch_mates(upsampling):
    generator = tiny(upsampling).double()
    images = torch.rand(3, 3, 16, 16, dtype=torch.float64) * 2 - 1
    torch.testing.assert_close(generator(images)[1:2], generator(images[1:2]))


def test_strength_scales_the_residual_branches_per_picture():
    generator = tiny().double()
    image = torch.rand(2, 3, 16, 16, dtype=torch.float64) * 2 - 1
    mixed = generator(image, torch.tensor([1.0, 0.0], dtype=torch.float64))
    torch.testing.assert_close(mixed[:1], generator(image[:1]))
    for block in generator.block_c[2:5]:
        torch.nn.init.zeros_(block.layers[3].weight)  # the last norm of a branch
    torch.testing.assert_close(mixed[1:], generator(image[1:]))
    assert not torch.allclose(mixed[:1], generator(image[:1]), atol=1e-3)


@pytest.mark.parametrize("upsampling", UPSAMPLING)
def test_the_config_builds_the_same_network(upsampling):
    generator = tiny(upsampling)
    again = AnimeGAN2(**generator.config).eval()
    again.load_state_dict(generator.state_dict())
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    assert torch.equal(again(image), generator(image))


def test_an_unknown_upsampling_names_the_nearest():
    with pytest.raises(ConfigError, match="aligned"):
        tiny("alined")
