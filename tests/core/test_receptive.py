"""Tiles rely on `receptive_radius()`: here every generator is asked what its pixels really see."""

import pytest
import torch
from torch import nn

from nijigan.core.errors import ConfigError
from nijigan.core.models import create, create_generator
from nijigan.core.models.receptive import patch_side, receptive_radius
from nijigan.core.models.statistics import PictureStatistics

NORMS = (nn.InstanceNorm2d, nn.BatchNorm2d, nn.GroupNorm)
ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.Tanh)

GENERATORS = [
    ("unet_256", {"levels": 5, "ngf": 1}),
    ("ugatit_light", {"ngf": 2, "n_blocks": 1}),
    ("ugatit_light", {"ngf": 2, "n_blocks": 2}),
    ("animegan2", {"width": 1, "upsampling": "double"}),
    ("cartoongan", {"ngf": 2, "n_blocks": 1}),
    ("cartoongan", {"ngf": 2, "n_blocks": 3}),
    ("cyclegan_resnet4", {"ngf": 2, "n_blocks": 1}),
    ("cyclegan_resnet4", {"ngf": 2, "n_blocks": 1, "form": "keras"}),
    ("cut_resnet4", {"ngf": 2, "n_blocks": 1}),
]


def constant_statistics(h):
    return h.new_ones(1, h.shape[1], 1, 1), h.new_ones(1, 1, 1, 1)


def linear(network):
    """Make every path through the network carry a gradient, and no norm see the whole picture."""
    for layer in network.modules():
        if isinstance(layer, NORMS + ACTIVATIONS):
            layer.forward = lambda h: h
        elif isinstance(layer, PictureStatistics):
            layer.forward = constant_statistics
    for parameter in network.parameters():
        # All positive, so that no two ways to a pixel cancel out.
        nn.init.uniform_(parameter, 0.1, 1.0)
    return network.double().eval()


def seen(network, side, pixels):
    """What the outputs at (pixel, pixel) depend on: first and last row, first and last column."""
    image = torch.rand(len(pixels), 3, side, side, dtype=torch.float64, requires_grad=True)
    drawn = network(image)
    sum(drawn[i, :, pixel, pixel].sum() for i, pixel in enumerate(pixels)).backward()
    for grid in image.grad.abs().sum(1) > 0:
        rows, columns = grid.any(1).nonzero().flatten(), grid.any(0).nonzero().flatten()
        yield int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


def farthest_seen(generator, side, pixels):
    return max(
        max(pixel - top, bottom - pixel, pixel - left, right - pixel)
        for pixel, (top, bottom, left, right) in zip(
            pixels, seen(generator, side, pixels), strict=True
        )
    )


@pytest.mark.parametrize(("name", "config"), GENERATORS)
def test_the_radius_of_a_generator_is_what_its_pixels_see(name, config):
    generator = linear(create_generator(name, **config))
    radius, period = generator.receptive_radius(), generator.input_multiple
    middle = period * (radius // period + 1)
    pixels = range(middle, middle + period)
    assert farthest_seen(generator, 2 * middle + period, pixels) == radius


@pytest.mark.parametrize("side", [121, 130])
def test_the_radius_of_an_aligned_enlargement_holds_at_sizes_that_are_no_multiple(side):
    generator = linear(create_generator("animegan2", width=1, upsampling="aligned"))
    radius = generator.receptive_radius()
    # How far an enlarged pixel is off depends on where it is, so the bound need not be met.
    assert radius - 4 <= farthest_seen(generator, side, range(radius, side - radius)) <= radius


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("patchgan70", {"ndf": 1}),
        ("patchgan70", {"ndf": 1, "form": "keras"}),
        ("patchgan70_cut", {"ndf": 1}),
    ],
)
def test_the_patch_of_a_discriminator_is_what_a_verdict_sees(name, config):
    discriminator = linear(create(name, **config))
    middle = discriminator(torch.zeros(1, 3, 256, 256, dtype=torch.float64)).shape[-1] // 2
    [(top, bottom, left, right)] = seen(discriminator, 256, [middle])
    assert bottom - top + 1 == right - left + 1 == patch_side(discriminator.layers)


def test_spectral_norm_does_not_hide_a_convolution():
    bare = nn.Conv2d(1, 1, 5)
    normed = nn.utils.parametrizations.spectral_norm(nn.Conv2d(1, 1, 5))
    assert patch_side([normed, normed]) == patch_side([bare, bare]) == 9


def test_a_layer_whose_reach_is_not_known_has_no_radius():
    with pytest.raises(ValueError, match="AdaptiveAvgPool2d"):
        receptive_radius([nn.Conv2d(3, 3, 3), nn.AdaptiveAvgPool2d(1)], 1)
    adaptive = create_generator("nijigan", ngf=2, bottleneck=4, solver="adaptive")
    with pytest.raises(ConfigError, match="fixed solver"):
        adaptive.receptive_radius()
