"""The feature networks: their layers, what they are shown, and that the packaged ones can see."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional

from nijigan.core.errors import ConfigError, MissingExtraError
from nijigan.core.models import create
from nijigan.core.models.efficientnet_lite0 import EfficientNetLite0
from nijigan.core.models.mobilenet_v2 import MobileNetV2
from nijigan.core.models.vgg19 import VGG19
from nijigan.core.models.weights import PUBLISHED, load_features

COFFEE = Path(__file__).parent.parent.parent / "export/nijigan/export/data/coffee.jpg"
NAMES = ("vgg19", "mobilenet_v2", "efficientnet_lite0")
IMAGENET_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
IMAGENET_STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def lively(network):
    """Make every BatchNorm do something of its own."""
    torch.manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
            torch.nn.init.normal_(layer.bias, std=0.2)
            torch.nn.init.normal_(layer.running_mean, std=0.2)
            torch.nn.init.uniform_(layer.running_var, 0.5, 1.5)
    return network.freeze()


def image(height, width):
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.mark.parametrize(
    ("pooling", "pool"), [("max", functional.max_pool2d), ("average", functional.avg_pool2d)]
)
def test_vgg19_is_the_published_network(pooling, pool):
    network = VGG19(width=2, pooling=pooling).freeze()
    weights = network.trunk.state_dict()
    assert list(weights)[:4] == [
        f"features.{n}.{kind}" for n in (0, 2) for kind in ("weight", "bias")
    ]
    h = ((image(32, 48) + 1) / 2 - IMAGENET_MEAN) / IMAGENET_STD
    index, wanted = 0, {}
    for stage, convolutions in enumerate((2, 2, 4, 4, 4), start=1):
        for number in range(1, convolutions + 1):
            kernel, bias = (weights[f"features.{index}.{kind}"] for kind in ("weight", "bias"))
            h = functional.conv2d(h, kernel, bias, padding=1)
            wanted[f"conv{stage}_{number}"] = h
            h = h.relu()
            wanted[f"relu{stage}_{number}"] = h
            index += 2
        h = pool(h, 2)
        index += 1
    assert index == 37
    assert list(wanted) == list(network.layers)
    found = network.features(image(32, 48), network.layers)
    for layer, values in wanted.items():
        torch.testing.assert_close(found[layer], values, msg=lambda text, layer=layer: layer + text)


def norm(weights, name, h, epsilon):
    values = (
        weights[f"{name}.{kind}"] for kind in ("running_mean", "running_var", "weight", "bias")
    )
    return functional.batch_norm(h, *values, eps=epsilon)


def test_mobilenet_v2_is_the_published_network():
    network = lively(MobileNetV2())
    weights = network.trunk.state_dict()
    h = ((image(64, 96) + 1) / 2 - IMAGENET_MEAN) / IMAGENET_STD

    def conv(name, normed, h, stride=1):
        kernel = weights[f"{name}.weight"]
        groups = kernel.shape[0] if kernel.shape[1] == 1 else 1
        h = functional.conv2d(h, kernel, None, stride, kernel.shape[2] // 2, groups=groups)
        return norm(weights, normed, h, 1e-5)

    h = conv("features.0.0", "features.0.1", h, 2).clamp(0, 6)
    block = 1
    for expansion, cout, count, stride in (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):  # fmt: skip
        for first in (True, *[False] * (count - 1)):
            at, inner, step = f"features.{block}.conv", h, 0
            if expansion > 1:
                inner = conv(f"{at}.0.0", f"{at}.0.1", inner).clamp(0, 6)
                step = 1
            inner = conv(f"{at}.{step}.0", f"{at}.{step}.1", inner, stride if first else 1)
            inner = conv(f"{at}.{step + 1}", f"{at}.{step + 2}", inner.clamp(0, 6))
            assert inner.shape[1] == cout
            h = inner if first else h + inner
            found = network.features(image(64, 96), [f"features.{block}"])
            torch.testing.assert_close(found[f"features.{block}"], h)
            block += 1
    h = conv("features.18.0", "features.18.1", h).clamp(0, 6)
    logits = functional.linear(
        h.mean((2, 3)), weights["classifier.1.weight"], weights["classifier.1.bias"]
    )
    torch.testing.assert_close(network.classify(image(64, 96)), logits)


@pytest.mark.parametrize("size", [(64, 96), (67, 51)])
def test_efficientnet_lite0_is_the_published_network(size):
    network = lively(EfficientNetLite0())
    weights = network.trunk.state_dict()
    h = ((image(*size) + 1) / 2 * 255 - 127) / 128

    def conv(name, normed, h, stride=1):
        kernel = weights[f"{name}.weight"]
        groups = kernel.shape[0] if kernel.shape[1] == 1 else 1
        reach = kernel.shape[2]
        # TensorFlow pads for ⌈size / stride⌉ outputs; an odd zero goes to the end.
        extra = [max((-(-n // stride) - 1) * stride + reach - n, 0) for n in h.shape[2:]]
        padding = [side for n in reversed(extra) for side in (n // 2, n - n // 2)]
        h = functional.conv2d(functional.pad(h, padding), kernel, None, stride, groups=groups)
        return norm(weights, normed, h, 1e-3)

    h = conv("_conv_stem", "_bn0", h, 2).clamp(0, 6)
    block = 0
    for cout, count, stride in (
        (16, 1, 1), (24, 2, 2), (40, 2, 2), (80, 3, 2), (112, 3, 1), (192, 4, 2), (320, 1, 1),
    ):  # fmt: skip
        for first in (True, *[False] * (count - 1)):
            at, inner = f"_blocks.{block}", h
            if block:
                inner = conv(f"{at}._expand_conv", f"{at}._bn0", inner).clamp(0, 6)
            inner = conv(f"{at}._depthwise_conv", f"{at}._bn1", inner, stride if first else 1)
            inner = conv(f"{at}._project_conv", f"{at}._bn2", inner.clamp(0, 6))
            assert inner.shape[1] == cout
            h = inner if first else h + inner
            found = network.features(image(*size), [f"blocks.{block}"])
            torch.testing.assert_close(found[f"blocks.{block}"], h)
            block += 1
    h = conv("_conv_head", "_bn1", h).clamp(0, 6)
    logits = functional.linear(h.mean((2, 3)), weights["_fc.weight"], weights["_fc.bias"])
    torch.testing.assert_close(network.classify(image(*size)), logits)


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_is_given_by_its_name_and_unchanged_by_what_follows(name):
    network = create(name, **({"width": 1} if name == "vgg19" else {})).freeze()
    together = network.features(image(32, 32), network.layers)
    assert list(together) == list(network.layers)
    for layer in network.layers[:9]:
        alone = network.features(image(32, 32), [layer])[layer]
        assert torch.equal(alone, together[layer])


def test_deeper_layers_are_not_run():
    network = VGG19(width=1)
    network.trunk["features"][2].register_forward_hook(lambda *_: pytest.fail("ran conv1_2"))
    assert list(network.features(image(16, 16), ["relu1_1", "conv1_1"])) == ["conv1_1", "relu1_1"]
    assert network.features(image(16, 16), []) == {}


def test_an_unknown_layer_is_an_error_with_the_nearest():
    with pytest.raises(ConfigError, match=r"VGG19 has no layer 'relu41'.*'relu4_1'"):
        VGG19(width=1).features(image(16, 16), ["relu41"])
    with pytest.raises(ConfigError, match=r"No pooling 'avg'.*'average'"):
        VGG19(width=1, pooling="avg")


@pytest.mark.parametrize("name", NAMES)
def test_a_frozen_network_passes_gradients_and_learns_nothing(name):
    network = create(name, **({"width": 1} if name == "vgg19" else {})).freeze()
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    picture = image(32, 32).requires_grad_()
    network.features(picture, network.layers[:3])[network.layers[2]].sum().backward()
    assert picture.grad.abs().max() > 0


def test_a_network_without_memory_still_knows_its_normalization():
    with torch.device("meta"):
        network = VGG19(width=1)
    assert network.scale.device.type == "cpu"
    assert "scale" not in network.state_dict()


def packaged(name):
    """The packaged network; where the package is not installed, the test is skipped and says so."""
    try:
        return load_features(name)
    except MissingExtraError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("name", "label"),
    [("mobilenet_v2", "MobileNetV2"), ("efficientnet_lite0", "EfficientNet-Lite0")],
)
def test_a_packaged_network_sees_a_cup_of_espresso(name, label):
    """It would see it less surely, normalized otherwise: at 0.84 instead of 0.94 for Lite0."""
    network, weights = packaged(name)
    assert weights.label == network.label == label
    assert weights.sha256 == PUBLISHED[name].sha256
    photo = Image.open(COFFEE)
    left = (photo.width - photo.height) // 2
    square = photo.crop((left, 0, left + photo.height, photo.height)).resize((224, 224))
    levels = torch.from_numpy(np.asarray(square, np.float32)).permute(2, 0, 1)[None]
    chances = network.classify(levels / 127.5 - 1).softmax(1)[0]
    espresso = 967
    assert chances.argmax() == espresso
    assert chances[espresso] > 0.9
