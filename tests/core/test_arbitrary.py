import pytest
import torch
from torch.export import Dim
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.models import count_parameters, create
from nijigan.core.models.arbitrary import PREDICTORS, ConditionalInstanceNorm, FixedStyle
from nijigan.core.models.statistics import PictureStatistics

TINY = {"ngf": 4, "n_blocks": 2, "style_dim": 6, "predictor": "small", "predictor_width": 4}


def lively(**config):
    """A tiny network in evaluation mode, in double precision, whose styles differ widely."""
    torch.manual_seed(0)
    network = create("arbitrary", **(TINY | config)).eval()
    for name, parameter in network.named_parameters():
        if "to_" in name or "bottleneck" in name or "norm.bias" in name:
            torch.nn.init.normal_(parameter, std=0.5)
    for name, buffer in network.named_buffers():
        if name.startswith("transformer.contract") and name.endswith("running_var"):
            buffer.uniform_(0.001, 0.01)
    return network.double()


def picture(count, height, width):
    return torch.rand(count, 3, height, width, dtype=torch.float64) * 2 - 1


def restated(network, content, vector):
    """The transformer in plain calls: layers of the paper, arithmetic of slim."""
    state = {k.removeprefix("transformer."): v for k, v in network.state_dict().items()}
    maps = []

    def conv(h, name, stride=1):
        weight = state[f"{name}.conv.weight"]
        reach = weight.shape[-1] // 2
        padded = functional.pad(h, (reach,) * 4, mode="reflect")
        return functional.conv2d(padded, weight, None, stride)

    def shifted(h, name):
        mean, variance = state[f"{name}.norm.running_mean"], state[f"{name}.norm.running_var"]
        h = (h - mean[:, None, None]) / (variance + 0.001).sqrt()[:, None, None]
        return (h + state[f"{name}.norm.bias"][:, None, None]).clamp(min=0)

    def styled(h, name):
        h = conv(h, name)
        gamma, beta = (
            vector @ state[f"{name}.norm.to_{kind}.weight"][..., 0, 0].T
            + state[f"{name}.norm.to_{kind}.bias"]
            for kind in ("gamma", "beta")
        )
        maps.append(h.shape[1])
        mean = h.mean((2, 3), keepdim=True)
        variance = (h - mean).square().mean((2, 3), keepdim=True)
        normalized = (h - mean) / (variance + 1e-5).sqrt()
        return gamma[..., None, None] * normalized + beta[..., None, None]

    h = shifted(conv(content, "contract.0"), "contract.0")
    h = shifted(conv(h, "contract.1", 2), "contract.1")
    h = shifted(conv(h, "contract.2", 2), "contract.2")
    blocks = network.config["n_blocks"]
    for i in range(blocks):
        h = h + styled(styled(h, f"blocks.{i}.styled1").clamp(min=0), f"blocks.{i}.styled2")
    for name in ("expand1", "expand2"):
        h = h.repeat_interleave(2, 2).repeat_interleave(2, 3)
        h = styled(h, name).clamp(min=0)
    ngf = network.config["ngf"]
    drawn = 2 / (1 + torch.exp(-styled(h, "head"))) - 1
    assert maps == [4 * ngf] * (2 * blocks) + [2 * ngf, ngf, 3]
    return drawn


def test_it_computes_the_published_layers():
    network = lively()
    content, vector = picture(2, 20, 28), torch.randn(2, 6, dtype=torch.float64)
    expected = restated(network, content, vector)
    assert expected.std() > 0.1
    torch.testing.assert_close(network(content, vector), expected)


def test_the_parts_have_the_published_sizes():
    with torch.device("meta"):
        network = create("arbitrary")
    norms = [m for m in network.modules() if isinstance(m, ConditionalInstanceNorm)]
    numbers = sum(norm.to_beta.out_channels + norm.to_gamma.out_channels for norm in norms)
    assert (len(norms), numbers) == (13, 2_758)
    maps = sum(count_parameters(norm) for norm in norms)
    assert maps == numbers * (100 + 1)
    # 9×9 and 3×3 kernels: contract with its norms' shifts, ten in the blocks, expand.
    contract = 81 * 3 * 32 + 9 * 32 * 64 + 9 * 64 * 128 + 32 + 64 + 128
    expand = 9 * 128 * 64 + 9 * 64 * 32 + 81 * 32 * 3
    transformer = contract + 10 * 9 * 128 * 128 + expand
    assert count_parameters(network.transformer) - maps == transformer == 1_674_656
    assert count_parameters(network.predictor.bottleneck) == 768 * 100 + 100
    assert count_parameters(network.predictor.trunk) == 8_956_448


@pytest.mark.parametrize("predictor", PREDICTORS)
def test_a_style_vector_is_linear_in_the_mean_of_the_features(predictor):
    network = lively(predictor=predictor)
    image = picture(2, 40, 52)
    features = network.predictor.trunk(image).mean((2, 3))
    last = network.predictor.bottleneck
    expected = features @ last.weight[..., 0, 0].T + last.bias
    torch.testing.assert_close(network.style_vector(image), expected)
    assert not torch.allclose(expected[0], expected[1])


def test_the_inception_predictor_sees_the_picture_with_mirrored_edges():
    network = lively(predictor="inception_v3")
    image = picture(1, 40, 52)
    mirrored = functional.pad(image, (14,) * 4, mode="reflect")
    expected = network.predictor.trunk.inception(mirrored)
    torch.testing.assert_close(network.predictor.trunk(image), expected)


def test_the_conditional_norm_gives_each_channel_the_mean_and_deviation_that_the_style_says():
    norm = ConditionalInstanceNorm(5, 6).double()
    style = torch.randn(2, 6, 1, 1, dtype=torch.float64)
    h = torch.randn(2, 5, 9, 7, dtype=torch.float64) * 3 + 1
    variance, mean = torch.var_mean(norm(h, style), (2, 3), correction=0)
    torch.testing.assert_close(mean, norm.to_beta(style)[..., 0, 0])
    torch.testing.assert_close(
        variance.sqrt(), norm.to_gamma(style)[..., 0, 0].abs(), rtol=1e-4, atol=0
    )


@pytest.mark.parametrize("predictor", PREDICTORS)
@pytest.mark.parametrize("size", [(16, 16), (20, 36)])
def test_any_multiple_of_four_and_any_style_picture_from_16_pixels_on(predictor, size):
    network = lively(predictor=predictor)
    for style_size in ((16, 17), (33, 50)):
        drawn = network(picture(2, *size), network.style_vector(picture(2, *style_size)), 0.5)
        assert drawn.shape == (2, 3, *size)
        assert drawn.abs().max() <= 1


def test_strength_mixes_the_style_vectors_of_content_and_style():
    network = lively()
    content, style = picture(1, 16, 24), picture(1, 20, 16)
    own, other = network.style_vector(content), network.style_vector(style)
    for strength in (0.0, 0.3, 1.0):
        mixed = (1 - strength) * own + strength * other
        expected = network.transformer(content, mixed[..., None, None])
        torch.testing.assert_close(network(content, other, strength), expected)
    assert not torch.allclose(network(content, other, 0.0), network(content, other), atol=1e-2)


def test_strengths_of_all_forms_agree_and_batch_mates_do_not_matter():
    network = lively()
    content, vectors = picture(3, 16, 20), torch.randn(3, 6, dtype=torch.float64)
    strengths = torch.tensor([0.0, 0.4, 1.0], dtype=torch.float64)
    together = network(content, vectors, strengths)
    for i, strength in enumerate(strengths):
        one = slice(i, i + 1)
        alone = network(content[one], vectors[one], float(strength))
        torch.testing.assert_close(together[one], alone)
        torch.testing.assert_close(network(content[one], vectors[one], strength), alone)


def test_at_strength_one_the_predictor_does_not_look_at_the_content():
    network = lively()
    network.predictor.register_forward_pre_hook(lambda *_: pytest.fail("it looked"))
    network(picture(1, 16, 16), torch.zeros(1, 6, dtype=torch.float64))


@pytest.mark.parametrize("strength", [0.0, 0.6, 1.0])
def test_a_fixed_style_draws_as_the_network_does(strength):
    network = lively()
    style, content = picture(1, 24, 20), picture(2, 16, 20)
    fixed = network.with_style(style)
    expected = network(content, network.style_vector(style), strength)
    torch.testing.assert_close(fixed(content, strength), expected)
    as_tensor = torch.tensor(strength, dtype=torch.float64)
    torch.testing.assert_close(fixed(content, as_tensor), expected)
    assert fixed.config == network.config


def test_several_pictures_of_a_style_are_averaged():
    network = lively()
    styles = picture(3, 24, 20)
    mean = network.style_vector(styles).mean(0)
    torch.testing.assert_close(network.with_style(styles).style[0, :, 0, 0], mean)


def test_a_fixed_style_looks_at_the_whole_picture_equally_often_at_any_strength():
    fixed = lively().with_style(picture(1, 16, 16))
    looks = []
    for module in fixed.modules():
        if isinstance(module, PictureStatistics):
            module.register_forward_hook(lambda *_: looks.append(1))
    for strength in (0.0, 1.0, torch.tensor(1.0)):
        looks.clear()
        fixed(picture(1, 16, 16), strength)
        assert len(looks) == 1 + 2 * 2 + 3  # the predictor's mean, the norms of 2 blocks, 3 more


def test_the_radius_is_what_a_pixel_sees():
    network = lively(n_blocks=1)
    fixed = network.with_style(picture(1, 16, 16))
    radius = fixed.receptive_radius()
    # Norms with statistics of their own would see everything.
    for module in network.modules():
        if isinstance(module, PictureStatistics):
            module.forward = lambda h: (h.new_zeros(1, h.shape[1], 1, 1), h.new_ones(1, 1, 1, 1))
    side, middle = 2 * radius + 16, radius + 8
    farthest = 0
    for row in range(middle, middle + 4):
        image = picture(1, side, side).requires_grad_()
        # The sum of many styles: no ReLU hides a path in all of them.
        sum(
            network(image, torch.randn(1, 6, dtype=torch.float64) * 3)[0, :, row, middle].sum()
            for _ in range(8)
        ).backward()
        rows = image.grad.abs().sum((0, 1, 3)).nonzero().flatten()
        farthest = max(farthest, row - int(rows.min()), int(rows.max()) - row)
    assert farthest == radius


def test_a_fixed_style_is_traced_for_any_size():
    fixed = lively(n_blocks=1).float().with_style(picture(1, 24, 24).float())
    shape = {0: Dim("N"), 2: 4 * Dim("H"), 3: 4 * Dim("W")}
    program = torch.export.export(
        fixed,
        (torch.zeros(2, 3, 68, 76), torch.tensor(1.0)),
        dynamic_shapes={"image": shape, "strength": {}},
    ).module()
    image = picture(1, 20, 132).float()
    torch.testing.assert_close(
        program(image, torch.tensor(0.4)), fixed(image, 0.4), rtol=0, atol=1e-4
    )


def test_the_config_builds_the_same_network():
    network = lively()
    again = create("arbitrary", **network.config).double().eval()
    again.load_state_dict(network.state_dict())
    content, vector = picture(1, 16, 16), torch.randn(1, 6, dtype=torch.float64)
    assert torch.equal(again(content, vector), network(content, vector))


def test_values_that_are_not_allowed_are_errors():
    with pytest.raises(ConfigError, match="'inception_v3'"):
        create("arbitrary", predictor="inception")
    with pytest.raises(ConfigError, match=r"shape \[2, 6\]\. It must be \[1, 6\]"):
        FixedStyle(lively(), torch.zeros(2, 6))
