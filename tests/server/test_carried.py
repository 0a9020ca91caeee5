"""An animation does not flicker, and goes on as if it had never been interrupted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nijigan.core.errors import RequestError
from nijigan.core.images import Picture
from nijigan.export.styles import StyleLibrary
from nijigan.server import carried as module
from nijigan.server.cancel import Cancel
from nijigan.server.carried import CarriedStatistics
from nijigan.server.stylizer import Settings, Stylizer
from nijigan.server.testing import no_progress


@pytest.fixture(scope="module")
def stylizer(toy_global_style):
    return Stylizer(StyleLibrary([toy_global_style]), threads=1)


def clip(count, seed=0):
    """A still scene through which a white ball rolls: the rest should look the same throughout."""
    ground = np.random.default_rng(seed).integers(60, 120, (48, 64, 3), np.uint8)
    y, x = np.mgrid[:48, :64]
    for number in range(count):
        frame = ground.copy()
        frame[(x - 6 - 2 * number) ** 2 + (y - 12) ** 2 < 36] = 255
        yield Picture(frame)


def draw(stylizer, pictures, carried):
    for picture in pictures:
        drawn = stylizer.stylize(picture, Settings("even"), no_progress, Cancel(), carried)
        yield drawn.rgb


def flicker(frames):
    """How much a corner that does not change in the scene changes in the drawing, in levels."""
    corners = np.stack([frame[30:, 40:] for frame in frames]).astype(float)
    return float(np.abs(np.diff(corners, axis=0)).mean())


def test_frames_that_share_statistics_flicker_less(stylizer):
    pictures = list(clip(20))
    # A lamp that flickers is no cut, and changes what the frame is like as a whole.
    for number, picture in enumerate(pictures):
        picture.rgb[:20, :30] = 255 if number % 2 else 140
    alone = flicker([stylizer.stylize(each, Settings("even")).rgb for each in pictures])
    together = flicker(draw(stylizer, pictures, CarriedStatistics()))
    assert alone > 5
    assert together < alone / 5


def test_the_first_frame_is_drawn_as_a_picture(stylizer):
    (picture,) = clip(1)
    (frame,) = draw(stylizer, [picture], CarriedStatistics())
    assert np.abs(frame - stylizer.stylize(picture, Settings("even")).rgb.astype(int)).max() <= 1


def test_at_a_cut_all_begins_anew(stylizer):
    first, second = list(clip(3)), [Picture(255 - each.rgb) for each in clip(3, seed=1)]
    *_, after_cut, _, _ = draw(stylizer, first + second, CarriedStatistics())
    (alone,) = draw(stylizer, second[:1], CarriedStatistics())
    assert np.array_equal(after_cut, alone)


@pytest.mark.parametrize("stop", [1, 8, 9, 13])
def test_it_goes_on_as_if_it_had_never_been_interrupted(stylizer, stop):
    pictures = list(clip(20))
    whole = list(draw(stylizer, pictures, CarriedStatistics()))
    first = CarriedStatistics()
    parts = list(draw(stylizer, pictures[:stop], first))
    parts += draw(stylizer, pictures[stop:], CarriedStatistics.from_state(first.state()))
    assert all(map(np.array_equal, whole, parts))


def test_it_measures_seldom(stylizer, monkeypatch):
    measured = []
    real = CarriedStatistics.next

    def counting(self, measure):
        return real(self, lambda: measured.append(1) or measure())

    monkeypatch.setattr(CarriedStatistics, "next", counting)
    list(draw(stylizer, clip(17), CarriedStatistics()))
    assert len(measured) == 3
    assert module._EVERY == 8


def test_a_style_that_looks_no_farther_carries_nothing(toy_style):
    carried = CarriedStatistics()
    local = Stylizer(StyleLibrary([toy_style]), threads=1)
    (picture,) = clip(1)
    local.stylize(picture, Settings("toy"), no_progress, Cancel(), carried)
    assert carried.state() == b""


def a_state(numbers=6):
    carried = CarriedStatistics()
    carried.begin(Picture(np.zeros((16, 16, 3), np.uint8)))
    carried.next(lambda: np.arange(numbers, dtype=np.float32)[None])
    return carried.state()


@given(st.binary(max_size=3000) | st.integers(1, 1600).map(lambda n: a_state()[:n]))
def test_what_is_no_state_is_refused(state):
    if not state or state == a_state():
        return
    with pytest.raises(RequestError, match="state"):
        CarriedStatistics.from_state(state)


def test_a_state_with_what_is_no_number_is_refused():
    state = a_state()[:-4] + np.float32(np.nan).tobytes()
    with pytest.raises(RequestError):
        CarriedStatistics.from_state(state)


def test_a_state_of_another_style_is_refused():
    carried = CarriedStatistics.from_state(a_state(numbers=4))
    for _ in range(8):
        carried.begin(Picture(np.zeros((16, 16, 3), np.uint8)))
    with pytest.raises(RequestError, match="of this style"):
        carried.next(lambda: np.zeros((1, 6), np.float32))
