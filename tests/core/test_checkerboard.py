import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import uniform_filter

from nijigan.core.errors import ImageError, UsageError
from nijigan.core.metrics.checkerboard import checkerboard_db


def with_grid(period, level, side=192):
    """A picture of soft shapes, noise and one level edge, with a grid of ± `level` on it."""
    rng = np.random.default_rng(0)
    blocks = Image.fromarray(rng.integers(40, 215, (12, 12, 3), dtype=np.uint8))
    picture = np.asarray(blocks.resize((side, side), Image.Resampling.BICUBIC), float)
    picture = picture + rng.normal(0, 2, picture.shape)
    picture[: side // 2] += 20
    y, x = np.indices((side, side)) % period < period // 2
    return np.rint(picture + np.where(y != x, level, -level)[..., None]).clip(0, 255).astype("u1")


@pytest.mark.parametrize("period", [2, 4, 8])
def test_a_picture_without_a_grid_is_near_zero(period):
    assert abs(checkerboard_db(with_grid(period, 0), period)) < 3


@pytest.mark.parametrize(("period", "other"), [(2, 4), (4, 2)])
def test_a_grid_stands_out_at_its_own_period_alone(period, other):
    picture = with_grid(period, 4)
    assert checkerboard_db(picture, period) > 20
    assert abs(checkerboard_db(picture, other)) < 3


def test_a_stronger_grid_has_as_many_decibels_more_as_its_power():
    weak, strong = (checkerboard_db(with_grid(2, level), 2) for level in (4, 16))
    assert strong - weak == pytest.approx(20 * np.log10(4), abs=0.5)


def test_a_grid_in_one_channel_or_of_stripes_counts():
    clean, grid = with_grid(2, 0), with_grid(2, 6)
    clean[..., 1] = grid[..., 1]
    assert checkerboard_db(clean, 2) > 15
    stripes = with_grid(2, 0)
    stripes[:, ::2] -= 6
    assert checkerboard_db(stripes, 2) > 15


def test_a_transposed_convolution_of_3_prints_it_and_enlarging_before_one_does_not():
    half = Image.fromarray(with_grid(2, 0)).resize((96, 96), Image.Resampling.BOX)
    spread = np.zeros((192, 192, 3))
    spread[::2, ::2] = half
    transposed = uniform_filter(spread, (3, 3, 1)) * 4  # sums 4, 2 or 1 pixels of `half`
    enlarged = uniform_filter(np.asarray(half.resize((192, 192)), float), (3, 3, 1))
    assert checkerboard_db(np.rint(transposed).clip(0, 255).astype("u1"), 2) > 30
    assert checkerboard_db(np.rint(enlarged).astype("u1"), 2) < 3


def test_flat_color_has_none():
    assert checkerboard_db(np.full((64, 80, 3), 77, np.uint8), 4) == pytest.approx(0)


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(ImageError, match="80x63"):
        checkerboard_db(np.zeros((63, 80, 3), np.uint8), 2)
    with pytest.raises(UsageError, match="period 3"):
        checkerboard_db(np.zeros((64, 64, 3), np.uint8), 3)
