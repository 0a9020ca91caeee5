"""The mean of drawings of a picture that is moved against the network's grid."""

import numpy as np
import pytest

from nijigan.core.images import Picture
from nijigan.export.styles import StyleLibrary
from nijigan.server.deep_picture import deep
from nijigan.server.region import Region
from nijigan.server.steady import mean_of_moved, moves
from nijigan.server.stylizer import Settings, Stylizer


def test_moves_are_the_quarters_of_the_grid_along_either_axis():
    assert moves(4) == [(0, 0), (1, 3), (2, 1), (3, 2)]
    assert moves(1) == [(0, 0)]
    for multiple in (4, 8, 32):
        quarters = [multiple // 4 * quarter for quarter in range(4)]
        right, down = zip(*moves(multiple), strict=True)
        assert sorted(right) == sorted(down) == quarters


def gridded(rgb, region, tell):
    """A drawing with a pattern that stays on a grid of 4 pixels whatever the picture shows."""
    tell(0.5)
    tell(1.0)
    rows, columns = np.indices(rgb.shape[:2])
    pattern = np.choose(rows % 4, [0, 10, 30, 4]) + np.choose(columns % 4, [8, 0, 2, 50])
    return (rgb // 2 + pattern[..., None]).astype(rgb.dtype)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_pattern_on_the_grid_is_gone(kind):
    rgb = np.random.default_rng(1).integers(0, 200, (41, 30, 3)).astype(kind)
    told = []
    drawn = mean_of_moved(gridded, rgb, 4, None, told.append)
    assert drawn.dtype == kind
    mean_of_pattern = np.mean([0, 10, 30, 4]) + np.mean([8, 0, 2, 50])
    assert np.abs(drawn - (rgb // 2 + mean_of_pattern)).max() <= 0.5
    assert told == sorted(told)
    assert told[-1] == 1
    assert len(told) == 8


def blocks(height, width):
    rng = np.random.default_rng(3)
    return (
        rng.integers(0, 256, (-(-height // 5), -(-width // 5), 3), np.uint8)
        .repeat(5, 0)
        .repeat(5, 1)[:height, :width]
    )


@pytest.fixture(scope="module")
def stylizer(toy_style):
    return Stylizer(StyleLibrary([toy_style]), threads=1)


@pytest.mark.parametrize(("right", "down"), [(1, 0), (2, 2), (3, 5), (4, 8)])
def test_a_picture_that_moves_is_drawn_more_alike(stylizer, right, down):
    rgb = blocks(100, 100)

    def drawn(top, left, steady):
        part = Picture(np.ascontiguousarray(rgb[top : top + 90, left : left + 90]))
        settings = Settings("toy", quality="draft", scale="native", steady=steady)
        return stylizer.stylize(part, settings).rgb.astype(float)

    middle = slice(30, 60)  # where no border is seen
    moved = (slice(30 - down, 60 - down), slice(30 - right, 60 - right))
    once, steady = (
        np.abs(drawn(0, 0, each)[middle, middle] - drawn(down, right, each)[moved]).mean()
        for each in (False, True)
    )
    if right % 4 or down % 4:
        assert steady < 0.8 * once
    else:
        assert once == steady == 0


@pytest.mark.parametrize("kind", [lambda p: p, deep], ids=["8 bits", "deep"])
@pytest.mark.parametrize("scale", ["native", "auto"])
@pytest.mark.parametrize("region", [Region(37, 51, 60, 41), Region(0, 0, 1, 1)])
def test_a_region_is_that_part_of_the_whole(stylizer, kind, scale, region):
    picture = kind(Picture(blocks(150, 191)))
    settings = Settings("toy", 0.8, scale=scale, steady=True)
    whole = stylizer.stylize(picture, settings).rgb
    part = stylizer.stylize(
        picture, Settings("toy", 0.8, scale=scale, steady=True, region=region)
    ).rgb
    levels = 1 if part.dtype == np.uint8 else 1e-5
    assert np.abs(part - whole[region.rows, region.columns].astype(float)).max() <= levels
    once = stylizer.stylize(picture, Settings("toy", 0.8, scale=scale)).rgb
    assert not np.array_equal(once, whole)
