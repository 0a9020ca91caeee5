"""Dots in place of grays: as dark as those, beside lines, and where the document has them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nijigan.core.images import Picture
from nijigan.export import halftone
from nijigan.export.halftone import reach, screen
from nijigan.export.style import Halftone, load_style, write_style_json
from nijigan.export.styles import StyleLibrary
from nijigan.server.animation.drawing import DrawsHere
from nijigan.server.region import Region
from nijigan.server.stylizer import Settings, Stylizer

DOTS = Halftone(cell_px=6.0, angle_degrees=45.0, line_px=3)


def screened(drawn, scale=1.0, corner=(0, 0), strength=1.0):
    return screen(drawn, DOTS, scale, corner, strength)


def flat(level, height=120, width=120):
    return np.full((height, width, 3), level, np.float32)


def drawing(height, width):
    """Flat tones under thin black lines."""
    rng = np.random.default_rng(4)
    tones = rng.choice([0.0, 0.4, 0.7, 1.0], (height // 30 + 1, width // 30 + 1)).repeat(30, 0)
    gray = tones.repeat(30, 1)[:height, :width]
    gray[10::40, :] = 0
    return np.repeat(np.rint(255 * gray).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("level", [0.1, 0.3, 0.5, 0.72, 0.9])
@pytest.mark.parametrize("scale", [0.7, 1.0, 2.5])
def test_dots_are_as_dark_as_the_gray_that_they_are_for(level, scale):
    dots = screened(flat(level), scale)
    assert dots.mean() == pytest.approx(level, abs=0.03 if scale < 1 else 0.015)
    assert dots.std() > 0.8 * np.sqrt(level * (1 - level)) * min(1, scale)


def test_paper_and_black_have_none():
    for level in (0.0, 1.0):
        assert (screened(flat(level)) == level).all()


def test_lines_stay_as_they_are_on_paper():
    page = flat(1.0)
    page[40:42], page[40:42, 30] = 0.0, 0.5  # a pen that ran dry at one place
    assert (screened(page) == page).all()


def test_lines_stay_black_on_gray():
    page = flat(0.5)
    page[40:42] = 0.0
    dots = screened(page)
    assert (dots[40:42] == 0).all()
    assert dots[39].max() == 1  # and no gray is left at their sides


def test_dots_are_not_wider_than_the_pixels_allow():
    small = flat(0.5)
    assert screened(small, scale=0.3) is small


@given(top=st.integers(0, 60), left=st.integers(0, 60))
def test_a_part_has_the_dots_that_the_document_has_there(top, left):
    page = drawing(300, 120)
    margin = reach(DOTS, 1.0)
    inside = np.s_[margin:-margin, margin:-margin]
    whole = screened(page)[top:, left:]
    part = screened(page[top:, left:], corner=(left, top))
    assert np.array_equal(part[inside], whole[inside])


def test_strips_do_not_show(monkeypatch):
    page = drawing(300, 90)
    at_once = screened(page)
    monkeypatch.setattr(halftone, "_STRIP_ROWS", 7)
    assert np.array_equal(screened(page), at_once)


def test_strength_goes_from_grays_to_dots():
    page = drawing(100, 100)
    assert np.array_equal(screened(page, strength=0.0), page)
    half = screened(page, strength=0.5).astype(int)
    assert np.abs(half - (page.astype(int) + screened(page)) / 2).max() <= 1


@pytest.fixture(scope="module")
def dotted_style(make_toy_style):
    folder = make_toy_style("dotted")
    write_style_json(folder, replace(load_style(folder), halftone=DOTS))
    return folder


@pytest.mark.parametrize("scale", ["native", "auto"])
def test_of_a_style_that_has_them(make_toy_style, dotted_style, scale):
    stylizer = Stylizer(StyleLibrary([make_toy_style(), dotted_style]), threads=1)
    picture = Picture(drawing(150, 190))
    plain = stylizer.stylize(picture, Settings("toy", scale=scale))
    dots = stylizer.stylize(picture, Settings("dotted", scale=scale))
    magnified = 1.0 if scale == "native" else 150 / 64
    assert np.array_equal(dots.rgb, screen(plain.rgb, DOTS, magnified, (0, 0), 1.0))
    region = Region(37, 51, 60, 41)
    part = stylizer.stylize(picture, Settings("dotted", scale=scale, region=region))
    difference = dots.rgb[region.rows, region.columns].astype(int) - part.rgb
    assert np.abs(difference).max() <= 4  # as the drawings, one level, which dots' edges multiply
    moved = stylizer.stylize(picture, Settings("dotted", scale=scale, origin=(3.0, 0.0)))
    assert not np.array_equal(moved.rgb, dots.rgb)


def test_an_animation_does_not_go_on_with_other_dots(make_toy_style, dotted_style):
    plain, dotted = make_toy_style("dotted"), dotted_style

    def identity(folder):
        return DrawsHere(Stylizer(StyleLibrary([folder]))).identity(Settings("dotted"))

    assert identity(plain) != identity(dotted)
    assert identity(plain) == identity(make_toy_style("dotted"))
    assert identity(plain) != identity(make_toy_style("dotted", working_short_side=80))
