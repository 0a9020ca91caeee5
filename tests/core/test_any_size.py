"""Generators draw pictures of any size from 16 pixels on, and give that size back."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nijigan.core.images import pad_to_multiple, reflected_to_multiple
from nijigan.core.models import create, create_generator

FAMILIES = {
    "nijigan": {"ngf": 2, "bottleneck": 4, "n_blocks": 1},
    "cut_resnet9": {"ngf": 2, "n_blocks": 1},
    "cyclegan_resnet9": {"ngf": 2, "n_blocks": 1},
    "unet_256": {"ngf": 2},
    "unet_128": {"ngf": 2},
    "ugatit_light": {"ngf": 2, "n_blocks": 1},
    "ugatit_full": {"ngf": 2, "n_blocks": 1, "image_size": 32},
    "animegan2": {"width": 2},
    "cartoongan": {"ngf": 2, "n_blocks": 1},
}
STYLED = {
    "arbitrary": {"ngf": 2, "n_blocks": 1, "predictor": "small", "predictor_width": 2},
    "vqi2i_cross": {
        "ch": 32,
        "ch_mult": [1, 1, 1],
        "n_res_blocks": 1,
        "z_channels": 4,
        "n_embed": 8,
        "embed_dim": 4,
        "style_hidden": 4,
        "n_adain": 1,
    },
}
SIZES = [(16, 16), (17, 31), (45, 19), (33, 64)]


def generator_of(name):
    if name in FAMILIES:
        return create_generator(name, **FAMILIES[name]).eval()
    # One that draws in the style of a picture, which is of no size in particular either.
    return create(name, **STYLED[name]).eval().with_style(torch.rand(1, 3, 37, 41) * 2 - 1).eval()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [*FAMILIES, *STYLED])
def test_any_size_comes_back(name, size):
    generator = generator_of(name)
    with torch.no_grad():
        drawn = generator.draw(torch.rand(2, 3, *size) * 2 - 1)
    assert drawn.shape == (2, 3, *size)
    assert torch.isfinite(drawn).all()


def test_sizes_that_fit_are_drawn_as_they_are():
    generator = create_generator("nijigan", **FAMILIES["nijigan"]).eval()
    image = torch.rand(1, 3, 20, 28) * 2 - 1
    assert torch.equal(generator.draw(image, 0.5), generator(image, 0.5))


def test_a_picture_is_padded_as_served_ones_are():
    generator = create_generator("nijigan", **FAMILIES["nijigan"]).eval()
    rgb = np.random.default_rng(0).integers(0, 256, (18, 21, 3), np.uint8)
    as_served = torch.from_numpy(pad_to_multiple(rgb, 4).transpose(2, 0, 1)[None] / np.float32(255))
    image = torch.from_numpy(rgb.transpose(2, 0, 1)[None] / np.float32(255))
    assert torch.equal(generator.draw(image), generator(as_served)[..., :18, :21])


def test_a_network_of_one_size_gets_that_size():
    generator = create_generator("ugatit_full", **FAMILIES["ugatit_full"]).eval()
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    assert torch.equal(generator.draw(image), generator(image))
    seen = []
    generator.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0].shape))
    ramp = torch.linspace(-1, 1, 90).expand(1, 3, 50, 90)
    generator.draw(ramp)
    assert seen == [(1, 3, 32, 32)]


@settings(deadline=None)
@given(length=st.integers(2, 300), multiple=st.sampled_from([1, 4, 16, 256]))
def test_a_side_is_reflected_up_to_the_next_multiple(length, multiple):
    indices = reflected_to_multiple(length, multiple)
    assert indices.size == -(-length // multiple) * multiple
    assert list(indices[:length]) == list(range(length))
    assert set(np.abs(np.diff(indices))) <= {1}, "neighbors stay neighbors"
    if indices.size > length:
        assert indices[length] == length - 2
