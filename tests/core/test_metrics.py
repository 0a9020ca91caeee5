import numpy as np
import pytest

from nijigan.core.metrics.flatness import flatness
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
