"""Distances on features: against loops, closed forms, and what they are expected to be."""

import numpy as np
import pytest
import torch
from scipy import linalg
from torch.nn import functional

from nijigan.core.metrics import kid as kid_module
from nijigan.core.metrics.bootstrap import mean_interval
from nijigan.core.metrics.feature_space import (
    PILLOW,
    SHORT_SIDE,
    TENSORFLOW,
    FeatureSpace,
    as_tensorflow,
)
from nijigan.core.metrics.frechet import frechet_distance, frechet_distance_s0
from nijigan.core.metrics.kid import kid, kid_interval
from nijigan.core.metrics.lpips import LAYERS, lpips, uniform_heads
from nijigan.core.models.features import FeatureNetwork
from nijigan.core.models.inception_pool3 import InceptionPool3, TorchvisionInceptionPool3
from nijigan.core.models.vgg16 import VGG16
from nijigan.core.models.weights import FeatureWeights


def normal(count, dimensions=6, shift=0.0, seed=0):
    return np.random.default_rng(seed).normal(shift, 1, (count, dimensions))


def test_kid_is_the_published_formula():
    a, b = normal(5, 3), normal(4, 3, shift=1, seed=1)

    def k(x, y):
        return (sum(p * q for p, q in zip(x, y, strict=True)) / 3 + 1) ** 3

    def within(x):
        pairs = [(i, j) for i in range(len(x)) for j in range(len(x)) if i != j]
        return sum(k(x[i], x[j]) for i, j in pairs) / len(pairs)

    across = sum(k(x, y) for x in a for y in b) / 20
    assert kid(a, b) == pytest.approx(within(a) + within(b) - 2 * across)


def test_kid_is_unbiased_and_grows_with_a_difference():
    same = [kid(normal(30, seed=2 * s), normal(30, seed=2 * s + 1)) for s in range(200)]
    assert abs(np.mean(same)) < 3 * np.std(same) / np.sqrt(200)
    assert min(same) < 0
    assert kid(normal(30), normal(30, shift=1, seed=1)) > max(same)


def test_kid_of_large_sets_is_a_mean_over_subsets(monkeypatch):
    a, b = normal(60), normal(40, shift=0.5, seed=1)
    whole = kid(a, b)
    monkeypatch.setattr(kid_module, "SUBSET_SIZE", 20)
    subsets = kid(a, b)
    assert subsets != whole
    assert subsets == pytest.approx(whole, rel=0.1)


@pytest.mark.parametrize("matched", [False, True])
def test_the_interval_of_kid_is_about_it_and_covers_what_is_true(matched):
    covered = 0
    for seed in range(60):
        a, b = normal(40, seed=2 * seed), normal(40, seed=2 * seed + 1)
        low, high = kid_interval(a, b, matched, resamples=200)
        assert low < kid(a, b) < high
        covered += low < 0 < high
    assert covered >= 50  # of 60, 57 are expected


def test_matched_sets_that_are_equal_keep_their_own_estimate_within_the_interval():
    a = normal(16)
    low, high = kid_interval(a, a, matched=True)
    assert low < kid(a, a) < high


def test_frechet_distance_of_gaussians_is_the_closed_form():
    a, b = normal(4000), 2 * normal(4000, shift=0.5, seed=1)
    # means 0 and 1, deviations 1 and 2, in each of six dimensions
    assert frechet_distance(a, b) == pytest.approx(6 * (1 + (2 - 1) ** 2), rel=0.05)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_frechet_distance_is_the_published_formula():
    rng = np.random.default_rng(3)
    a, b = (rng.normal(size=(50, 6)) @ rng.normal(size=(6, 6)) for _ in range(2))
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    wanted = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(
        cov_a + cov_b - 2 * linalg.sqrtm(cov_a @ cov_b).real
    )
    assert frechet_distance(a, b) == pytest.approx(wanted)
    assert frechet_distance_s0(a, b) == pytest.approx(wanted)


def test_frechet_distance_is_exact_for_fewer_pictures_than_features():
    a, b = normal(5, 40), normal(7, 40, seed=1)
    centered = [(x - x.mean(0)) / np.sqrt(len(x) - 1) for x in (a, b)]
    root = linalg.svdvals(centered[0] @ centered[1].T).sum()
    traces = sum((x**2).sum() for x in centered)
    wanted = ((a.mean(0) - b.mean(0)) ** 2).sum() + traces - 2 * root
    assert frechet_distance(a, b) == pytest.approx(wanted)


def test_lpips_is_the_published_sum():
    torch.manual_seed(0)
    shapes = {"one": (1, 3, 4, 5), "two": (1, 2, 2, 2)}
    a, b = ({name: torch.rand(shape) for name, shape in shapes.items()} for _ in range(2))
    heads = {name: torch.rand(shape[1]) for name, shape in shapes.items()}
    wanted = 0.0
    for name, (_, channels, height, width) in shapes.items():
        for y in range(height):
            for x in range(width):
                f, g = a[name][0, :, y, x], b[name][0, :, y, x]
                for c in range(channels):
                    difference = f[c] / f.norm() - g[c] / g.norm()
                    wanted += float(heads[name][c] * difference**2) / (height * width)
    assert lpips(a, b, heads) == pytest.approx(wanted, rel=1e-5)
    assert lpips(a, a, heads) == 0


def test_heads_that_learned_nothing_bound_the_distance():
    a = {"one": torch.tensor([1.0, 0]).view(1, 2, 1, 1), "two": torch.ones(1, 3, 2, 2)}
    b = {"one": torch.tensor([0.0, 1]).view(1, 2, 1, 1), "two": -torch.ones(1, 3, 2, 2)}
    assert lpips(a, b, uniform_heads(a)) == pytest.approx((2 + 4) / 2)


def test_the_trunk_of_lpips_has_the_published_size_and_scale():
    trunk = VGG16(width=2)
    assert sum(p.numel() for p in VGG16().parameters()) == 14_714_688
    assert set(LAYERS) <= set(trunk.layers)
    image = torch.rand(1, 3, 4, 4) * 2 - 1
    shift = torch.tensor([-0.030, -0.088, -0.188]).view(3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450]).view(3, 1, 1)
    torch.testing.assert_close(trunk.normalize(image), (image - shift) / scale)


@pytest.mark.parametrize("network", [InceptionPool3, TorchvisionInceptionPool3])
def test_inception_has_the_published_size(network):
    with torch.device("meta"):
        trunk = network().trunk
    state = trunk.state_dict()
    learned = {k for k in state if k.endswith((".conv.weight", ".bn.weight", ".bn.bias"))}
    assert sum(state[name].numel() for name in learned) == 21_785_568
    assert state["Mixed_7c.branch3x3dbl_3b.conv.weight"].shape == (384, 384, 3, 1)
    assert state["Mixed_7a.branch7x7x3_4.conv.weight"].shape == (192, 192, 3, 3)


def test_the_last_blocks_of_inception_are_their_ways():
    torch.manual_seed(0)
    network = InceptionPool3(width=2).eval()
    last = network.trunk["Mixed_7c"]
    h = torch.randn(1, last.branch1x1.conv.in_channels, 6, 6)
    with torch.inference_mode():
        three, double = last.branch3x3_1(h), last.branch3x3dbl_2(last.branch3x3dbl_1(h))
        ways = [
            last.branch1x1(h),
            last.branch3x3_2a(three),
            last.branch3x3_2b(three),
            last.branch3x3dbl_3a(double),
            last.branch3x3dbl_3b(double),
            last.branch_pool(functional.max_pool2d(h, 3, 1, 1)),
        ]
        torch.testing.assert_close(last(h), torch.cat(ways, 1))


def test_both_kinds_of_inception_average_as_they_were_trained():
    torch.manual_seed(0)
    ones = torch.ones(1, 4, 5, 5)
    ours, torchvision = (
        network(width=1).trunk["Mixed_5b"].pool
        for network in (InceptionPool3, TorchvisionInceptionPool3)
    )
    torch.testing.assert_close(ours(ones), ones)
    assert torchvision(ones)[0, 0, 0, 0] == pytest.approx(4 / 9)
    assert isinstance(TorchvisionInceptionPool3(width=1).trunk["Mixed_7c"].pool, torch.nn.AvgPool2d)


def test_inception_sees_levels_as_tensorflow_gives_them():
    levels = torch.tensor([0.0, 128, 255]).view(1, 1, 1, 3).expand(1, 3, 1, 3)
    seen = InceptionPool3(width=1).normalize(levels / 127.5 - 1)
    torch.testing.assert_close(seen, (levels - 128) / 128)


def test_tensorflow_reads_between_pixels_from_the_corner():
    rgb = np.zeros((2, 598, 3), np.uint8)
    rgb[1] = 200
    rgb[:, 1::2, 0] = 50  # every second column: never read, as nothing is averaged
    shown = (as_tensorflow(rgb)[0].numpy() + 1) * 127.5
    assert shown.shape == (3, 299, 299)
    np.testing.assert_allclose(shown[0, 0], 0, atol=1e-4)
    rows = np.minimum(np.arange(299) * 2 / 299, 1) * 200
    np.testing.assert_allclose(shown[1, :, 7], rows, atol=1e-3)


@pytest.mark.parametrize(
    ("resizing", "shape"),
    [(SHORT_SIDE, (256, 512)), (PILLOW, (299, 299)), (TENSORFLOW, (299, 299))],
)
def test_pictures_come_to_the_size_that_the_note_says(resizing, shape):
    image = resizing.apply(np.full((40, 80, 3), 255, np.uint8))
    assert image.shape == (1, 3, *shape)
    torch.testing.assert_close(image, torch.ones(1, 3, *shape))
    assert str(shape[0]) in resizing.note


class Brightness(FeatureNetwork):
    label = "Brightness"

    def __init__(self):
        super().__init__((0.5,) * 3, (0.5,) * 3)
        self.trunk = torch.nn.ModuleDict()
        self.layers = ("all",)

    def _walk(self, h):
        yield "all", h


def test_a_point_is_the_means_of_the_last_layer():
    space = FeatureSpace(Brightness(), FeatureWeights("", "", ""), SHORT_SIDE)
    rgb = np.zeros((300, 300, 3), np.uint8)
    rgb[:150, :, 1] = 255
    point = space.embed(rgb)
    assert point.dtype == np.float64
    np.testing.assert_allclose(point, [-1, 0, -1], atol=0.01)


def test_the_interval_of_a_mean_is_that_of_a_normal_one():
    values = np.random.default_rng(0).normal(10, 2, 400)
    low, high = mean_interval(values)
    assert low == pytest.approx(values.mean() - 1.96 * 0.1, abs=0.03)
    assert high == pytest.approx(values.mean() + 1.96 * 0.1, abs=0.03)
