"""The measure of edges of color alone."""

import sys
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from nijigan.core.teachers.color import oklab_from_srgb

sys.path.append(str(Path(__file__).parents[1] / "scripts"))

from measure_color_edges import SIDE, color_difference, polygons


def test_the_polygons_differ_by_color_alone():
    lab = oklab_from_srgb(np.divide(polygons(), 255, dtype=np.float32))
    assert lab.shape == (SIDE, SIDE, 3)
    assert lab[..., 0].std() < 0.01
    assert lab[..., 1:].std(axis=(0, 1)).min() > 0.05


def test_bleeding_is_measured_and_a_drawing_in_other_tones_is_not():
    picture = polygons()
    soft = [gaussian_filter(picture, (sigma, sigma, 0)) for sigma in (1, 3)]
    assert color_difference(picture, picture) == 0
    assert 0.005 < color_difference(soft[0], picture) < color_difference(soft[1], picture)
