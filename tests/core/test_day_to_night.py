import numpy as np
import pytest
from PIL import Image

from nijigan.core.metrics.day_to_night import turned

SKY, NIGHT_SKY, GRASS = (120, 180, 240), (12, 14, 40), (70, 130, 60)


def landscape(sky=SKY, ground=GRASS):
    """Sky above, ground below, a little noise."""
    picture = np.empty((90, 120, 3))
    picture[:45], picture[45:] = sky, ground
    return (
        (picture + np.random.default_rng(0).normal(0, 3, picture.shape)).clip(0, 255).astype("u1")
    )


def test_a_photo_of_itself_does_not_turn():
    turn = turned(landscape(), landscape())
    assert not turn.flipped
    assert not turn.recolored
    assert turn.hue_share == 0


def test_a_dark_sky_alone_makes_a_night_and_a_light_one_a_day():
    to_night = turned(landscape(), landscape(NIGHT_SKY))
    assert to_night.to_night
    assert not to_night.to_day
    to_day = turned(landscape(NIGHT_SKY, (20, 30, 20)), landscape())
    assert to_day.to_day
    assert not to_day.to_night


@pytest.mark.parametrize("factor", [0.6, 1.3])
def test_a_darker_or_lighter_drawing_is_no_flip(factor):
    drawn = (landscape() * factor).clip(0, 255).astype("u1")
    turn = turned(landscape(), drawn)
    assert not turn.flipped
    assert not turn.recolored


def test_flat_regions_and_more_saturation_turn_no_hue():
    photo = landscape()
    drawn = Image.fromarray(photo).convert("HSV")
    hue, saturation, value = drawn.split()
    vivid = Image.merge("HSV", (hue, saturation.point(lambda s: min(255, s * 1.5)), value))
    assert turned(photo, np.asarray(vivid.convert("RGB"))).hue_share == 0


def test_other_hues_are_counted_by_their_share_of_the_color():
    pink = turned(landscape(), landscape(sky=(240, 150, 180)))
    assert 0.2 < pink.hue_share < 0.8  # the ground kept its own
    assert turned(landscape(), landscape()[..., [2, 0, 1]]).hue_share == pytest.approx(1)
    assert turned(landscape(), 255 - landscape()).recolored


def test_grey_has_no_hue_to_turn():
    grey = np.repeat(landscape().mean(axis=2, keepdims=True), 3, axis=2).astype("u1")
    assert turned(landscape(), grey).hue_share == 0
    assert turned(grey, landscape()).hue_share == 0
