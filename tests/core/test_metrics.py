import numpy as np
import pytest

from nijigan.core.metrics.flatness import flatness
from nijigan.core.metrics.lines import line_f1, lines
from nijigan.core.metrics.psnr import psnr
from nijigan.core.metrics.ssim import ssim


def grey(values):
    return np.repeat(np.asarray(values, np.uint8)[..., None], 3, axis=2)


def noise(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (40, 50, 3), dtype=np.uint8)


def test_psnr_of_a_known_error():
    a = np.zeros((8, 8, 3), np.uint8)
    assert psnr(a, a + 5) == pytest.approx(20 * np.log10(255 / 5))
    assert psnr(a, a) == float("inf")


def test_ssim_is_one_for_equal_and_near_zero_for_unrelated_pictures():
    assert ssim(noise(), noise()) == pytest.approx(1)
    assert abs(ssim(noise(0), noise(1))) < 0.1


def test_ssim_of_a_constant_shift_has_the_luminance_term_alone():
    a, b = grey(np.full((20, 20), 100)), grey(np.full((20, 20), 120))
    c1 = (0.01 * 255) ** 2
    assert ssim(a, b) == pytest.approx((2 * 100 * 120 + c1) / (100**2 + 120**2 + c1))


def test_flatness_counts_gradients_under_two_levels():
    ramp = np.tile(np.arange(11), (6, 1))
    assert flatness(grey(ramp)) == 1
    assert flatness(grey(3 * ramp)) == 0
    half = np.concatenate([np.full((6, 6), 9), 9 + 10 * np.arange(5) * np.ones((6, 1))], axis=1)
    assert flatness(grey(half)) == pytest.approx(0.6)


def test_flatness_of_noise_is_low():
    assert flatness(noise()) < 0.02


def line_at(*columns, level=60):
    paper = np.full((40, 60), 200)
    for column in columns:
        paper[:, column : column + 2] = level
    return grey(paper)


def test_a_line_is_darker_than_its_surroundings():
    found = lines(line_at(20))
    assert found[:, 20:22].all()
    assert not found[:, :18].any()
    assert not found[:, 24:].any()
    assert not lines(line_at(20, level=255))[:, 20:22].any()
    assert not lines(line_at(20, level=192)).any()


def test_line_f1_forgives_two_pixels_and_counts_what_is_missing_and_what_is_too_much():
    teacher = line_at(20, 40)
    assert line_f1(teacher, teacher) == 1
    assert line_f1(line_at(22, 42), teacher) == 1
    assert line_f1(line_at(26, 46), teacher) == 0
    assert line_f1(line_at(20), teacher) == line_f1(teacher, line_at(20)) == pytest.approx(2 / 3)


def test_line_f1_where_there_are_none():
    assert line_f1(line_at(), line_at()) == 1
    assert line_f1(line_at(), line_at(20)) == line_f1(line_at(20), line_at()) == 0
