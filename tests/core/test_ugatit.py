import pytest
import torch

from nijigan.core.errors import ConfigError, ImageError
from nijigan.core.models import count_parameters
from nijigan.core.models.cam import ClassActivationMap
from nijigan.core.models.ugatit import LIN, UGATIT, AdaLIN

TINY = {"ngf": 4, "n_blocks": 2, "image_size": 32}
VERSIONS = ("full", "light")


def tiny(version, **config):
    torch.manual_seed(0)
    return UGATIT(version=version, **(TINY | config))


def picture(count, height, width):
    return torch.rand(count, 3, height, width) * 2 - 1


@pytest.mark.parametrize(("version", "count"), [("full", 278_959_808), ("light", 10_589_888)])
def test_it_has_the_published_size(version, count):
    with torch.device("meta"):
        assert count_parameters(UGATIT(version)) == count


@pytest.mark.parametrize(
    ("version", "size"), [("full", (32, 32)), ("light", (16, 16)), ("light", (20, 36))]
)
def test_the_output_has_the_size_and_range_of_the_input(version, size):
    network = tiny(version)
    drawn, cam_logit, heatmap = network.attend(picture(2, *size))
    assert drawn.shape == (2, 3, *size)
    assert drawn.abs().max() <= 1
    assert cam_logit.shape == (2, 2)
    assert heatmap.shape == (2, 1, size[0] // 4, size[1] // 4)


@pytest.mark.parametrize("version", VERSIONS)
def test_both_ways_to_draw_agree_and_batch_mates_do_not_matter(version):
    network = tiny(version)
    images = picture(3, 32, 32)
    together = network.attend(images)
    assert torch.equal(network(images), together.picture)
    for part, alone in zip(together, network.attend(images[1:2]), strict=True):
        torch.testing.assert_close(part[1:2], alone)


def test_strengths_of_all_forms_agree_and_scale_every_branch():
    network = tiny("light").double()
    images = picture(3, 16, 16).double()
    strengths = torch.tensor([0.0, 0.4, 1.0], dtype=torch.float64)
    together = network(images, strengths)
    for i, strength in enumerate(strengths):
        alone = network(images[i : i + 1], float(strength))
        torch.testing.assert_close(together[i : i + 1], alone)
        torch.testing.assert_close(network(images[i : i + 1], strength), alone)
    torch.testing.assert_close(network(images), network(images, 1.0))
    for name, weight in network.named_parameters():
        if "conv_block" in name or name.startswith("adaptive"):
            torch.nn.init.normal_(weight)  # another branch, which nobody sees at strength 0
    torch.testing.assert_close(network(images[:1], 0.0), together[:1])
    assert not torch.allclose(network(images[2:]), together[2:])


@pytest.mark.parametrize("size", [(16, 16), (32, 28), (64, 64)])
def test_full_draws_its_own_size_alone_and_says_so(size):
    network = tiny("full")
    assert network.fixed_size == 32
    with pytest.raises(ImageError, match=rf"32×32 px only.*{size[1]}×{size[0]}.*light"):
        network(picture(1, *size))


def test_light_has_no_size_of_its_own():
    assert tiny("light").fixed_size is None
    assert tiny("light", image_size=64).state_dict().keys() == tiny("light").state_dict().keys()


@pytest.mark.parametrize("rho", [0.0, 0.3, 1.0])
def test_the_norms_mix_unbiased_instance_and_layer_norm(rho):
    h = torch.randn(2, 3, 4, 5, dtype=torch.float64) * 3 + 1
    gamma, beta = torch.randn(2, 3).double(), torch.randn(2, 3).double()
    expected = torch.empty_like(h)
    for n in range(2):
        layer = (h[n] - h[n].mean()) / (h[n].flatten().var(correction=1) + 1e-5).sqrt()
        for c in range(3):
            plane = h[n, c]
            instance = (plane - plane.mean()) / (plane.flatten().var(correction=1) + 1e-5).sqrt()
            expected[n, c] = rho * instance + (1 - rho) * layer[c]
    lin, adaptive = LIN(3).double(), AdaLIN(3).double()
    for norm in (lin, adaptive):
        torch.nn.init.constant_(norm.rho, rho)
    torch.testing.assert_close(lin(h), expected)
    scaled = expected * gamma[:, :, None, None] + beta[:, :, None, None]
    torch.testing.assert_close(adaptive(h, gamma, beta), scaled)


def test_the_mixtures_start_as_published_and_are_clipped():
    network = tiny("light")
    for layer in network.modules():
        if isinstance(layer, AdaLIN):
            assert torch.equal(layer.rho, torch.full_like(layer.rho, 0.9))
            torch.nn.init.constant_(layer.rho, 1.5)
        elif isinstance(layer, LIN):
            assert torch.equal(layer.rho, torch.zeros_like(layer.rho))
            torch.nn.init.constant_(layer.rho, -0.5)
            torch.nn.init.constant_(layer.gamma, 7.0)
    network.clip_rho()
    for name, value in network.named_parameters():
        if name.endswith("rho"):
            assert torch.equal(value, torch.full_like(value, float(name.startswith("adaptive"))))
    assert network.up[3].gamma.max() == 7


def test_the_attention_weights_channels_as_its_guess_does():
    torch.manual_seed(0)
    cam = ClassActivationMap(3, torch.nn.Identity())
    h = torch.randn(2, 3, 4, 5)
    features, logit, heatmap = cam(h)
    by_mean, by_most = cam.gap_fc.weight[0], cam.gmp_fc.weight[0]
    mean = torch.stack([(each.mean((1, 2)) * by_mean).sum() for each in h])
    most = torch.stack([(each.flatten(1).max(1).values * by_most).sum() for each in h])
    torch.testing.assert_close(logit, torch.stack([mean, most], dim=1))
    weighted = torch.cat([h * by_mean.view(3, 1, 1), h * by_most.view(3, 1, 1)], dim=1)
    torch.testing.assert_close(features, cam.conv1x1(weighted))
    torch.testing.assert_close(heatmap[:, 0], features.sum(1))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_whole_network_learns(version):
    network = tiny(version)
    drawn, cam_logit, _ = network.attend(picture(1, 32, 32))
    (drawn.square().sum() + cam_logit.sum()).backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in network.parameters())


def test_the_keys_are_those_of_public_checkpoints_renamed():
    names = UGATIT("light", ngf=1, image_size=16).state_dict()
    blocks = [f"conv_block.{conv}.weight" for conv in (1, 5)]
    adaptive = ["conv1.weight", "conv2.weight", "norm1.rho", "norm2.rho"]
    assert {public_key(name) for name in names} == {
        *(f"DownBlock.{index}.weight" for index in (1, 5, 9)),
        *(f"DownBlock.{index}.{block}" for index in (12, 13, 14, 15) for block in blocks),
        *("gap_fc.weight", "gmp_fc.weight", "conv1x1.weight", "conv1x1.bias"),
        *("FC.0.weight", "FC.2.weight", "gamma.weight", "beta.weight"),
        *(f"UpBlock1_{index}.{part}" for index in (1, 2, 3, 4) for part in adaptive),
        *(f"UpBlock2.{index}.weight" for index in (2, 7, 11)),
        *(f"UpBlock2.{index}.{part}" for index in (3, 8) for part in ("rho", "gamma", "beta")),
    }


def public_key(name):
    part, _, rest = name.partition(".")
    if part == "adaptive":
        index, _, rest = rest.partition(".")
        return f"UpBlock1_{int(index) + 1}.{rest}"
    if part == "cam":
        return rest
    return f"{({'down': 'DownBlock', 'up': 'UpBlock2', 'fc': 'FC'}).get(part, part)}.{rest}"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_config_builds_the_same_network(version):
    network = tiny(version)
    again = UGATIT(**network.config)
    again.load_state_dict(network.state_dict())
    image = picture(1, 32, 32)
    assert torch.equal(again(image), network(image))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"version": "lite"}, "light"),
        ({"image_size": 30}, "multiple of 4"),
        ({"image_size": 12}, "at least 16"),
    ],
)
def test_values_that_are_not_allowed_are_errors(config, message):
    with pytest.raises(ConfigError, match=message):
        UGATIT(**(TINY | config))
