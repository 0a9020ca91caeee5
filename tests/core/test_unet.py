import pytest
import torch

from nijigan.core.errors import ConfigError
from nijigan.core.models import count_parameters
from nijigan.core.models.unet import UNet


def tiny(levels=5, ngf=2, norm="batch"):
    """A small U-Net in evaluation mode whose norms do something."""
    torch.manual_seed(0)
    network = UNet(levels=levels, ngf=ngf, norm=norm)
    for name, value in network.state_dict().items():
        if name.endswith("conv.weight"):
            torch.nn.init.normal_(value, std=0.3)
        elif name.endswith("running_mean"):
            torch.nn.init.normal_(value, std=0.1)
    return network.eval()


def picture(count, height, width):
    return torch.rand(count, 3, height, width) * 2 - 1


@pytest.mark.parametrize(("levels", "count"), [(8, 54_413_955), (7, 41_828_995)])
def test_it_has_the_published_size(levels, count):
    with torch.device("meta"):
        assert count_parameters(UNet(levels=levels)) == count


@pytest.mark.parametrize("levels", [5, 6, 8])
@pytest.mark.parametrize("times", [(1, 1), (2, 1)])
def test_the_output_has_the_size_and_range_of_the_input(levels, times):
    network = tiny(levels)
    height, width = (network.input_multiple * each for each in times)
    drawn = network(picture(1, height, width))
    assert drawn.shape == (1, 3, height, width)
    assert drawn.abs().max() <= 1


def test_the_input_multiple_is_what_it_needs():
    network = tiny(levels=5)
    assert network.input_multiple == 32
    with pytest.raises(RuntimeError):
        network(picture(1, 32, 48))


@pytest.mark.parametrize(("levels", "where"), [(8, [4, 5, 6]), (7, [4, 5]), (5, [])])
def test_dropout_is_in_the_intermediate_levels_alone(levels, where):
    network = tiny(levels)
    dropped = [
        level
        for level, up in enumerate(network.up)
        if any(isinstance(layer, torch.nn.Dropout) for layer in up)
    ]
    assert dropped == where


@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_evaluation_neither_drops_nor_looks_at_batch_mates(norm):
    network = tiny(levels=6, norm=norm)
    images = picture(3, 64, 64)
    together = network(images)
    assert torch.equal(network(images), together)
    torch.testing.assert_close(network(images[1:2]), together[1:2])
    network.train()
    assert not torch.allclose(network(images), network(images))


@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_one_picture_of_the_smallest_size_can_be_trained_on(norm):
    network = tiny(levels=5, norm=norm).train()
    network(picture(1, 32, 32)).sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_every_level_is_handed_over():
    network = tiny(levels=5)
    image = picture(1, 32, 32)
    before = network(image)
    for level in range(4):
        conv = network.up[level].conv
        kept = conv.weight.detach().clone()
        with torch.no_grad():
            conv.weight[: conv.in_channels // 2] = 0  # what came from the way down
        assert not torch.allclose(network(image), before, atol=1e-6)
        with torch.no_grad():
            conv.weight.copy_(kept)


def test_the_keys_are_those_of_public_checkpoints_renamed():
    network = tiny(levels=8, ngf=1)
    renamed = {public_key(name, last=7) for name in network.state_dict()}
    inner = "model.model.1.model.3.model"
    assert "model.model.0.weight" in renamed
    assert {"model.model.3.weight", "model.model.3.bias"} <= renamed
    assert {f"{inner}.1.weight", f"{inner}.2.running_var", f"{inner}.5.weight"} <= renamed
    innermost = "model.model.1" + ".model.3" * 6 + ".model"
    assert {key.removeprefix(innermost) for key in renamed if key.startswith(innermost)} == {
        ".1.weight",
        ".3.weight",
        *(f".4.{value}" for value in ("weight", "bias", "running_mean", "running_var")),
        ".4.num_batches_tracked",
    }


def public_key(name, last):
    way, level, layer, value = name.split(".")
    depth = int(level)
    path = "model.model" if depth == 0 else "model.model.1" + ".model.3" * (depth - 1) + ".model"
    if way == "down":
        index = 0 if depth == 0 else {"conv": 1, "norm": 2}[layer]
    elif depth in (0, last):
        index = {"conv": 3, "norm": 4}[layer]
    else:
        index = {"conv": 5, "norm": 6}[layer]
    return f"{path}.{index}.{value}"


@pytest.mark.parametrize(("norm", "biased"), [("batch", 1), ("instance", 10)])
def test_convolutions_have_a_bias_where_the_norm_brings_none(norm, biased):
    names = [name for name, _ in tiny(norm=norm).named_parameters() if name.endswith("conv.bias")]
    assert "up.0.conv.bias" in names
    assert len(names) == biased


@pytest.mark.parametrize("norm", ["batch", "instance"])
def test_the_config_builds_the_same_network(norm):
    network = tiny(levels=6, ngf=3, norm=norm)
    again = UNet(**network.config).eval()
    again.load_state_dict(network.state_dict())
    image = picture(1, 64, 64)
    assert torch.equal(again(image), network(image))


@pytest.mark.parametrize("levels", [4, 11])
def test_too_few_or_too_many_levels_are_errors(levels):
    with pytest.raises(ConfigError, match=f"levels={levels}"):
        UNet(levels=levels)


def test_another_norm_is_an_error():
    with pytest.raises(ConfigError, match="instance"):
        UNet(norm="instanse")
