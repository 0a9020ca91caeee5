import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from nijigan.core.errors import UsageError
from nijigan.core.metrics.flicker import flicker

SIZE = (40, 60)


def scene(height=48, width=68):
    smooth = gaussian_filter(np.random.default_rng(0).random((height, width, 3)), (2, 2, 0))
    return np.rint(255 * (smooth - smooth.min()) / np.ptp(smooth)).astype("u1")


def window(picture, left, top):
    return picture[top : top + SIZE[0], left : left + SIZE[1]]


def poster(picture):
    """Draw each pixel by itself: as what is drawn moves, so does the drawing."""
    return (picture // 64 * 80).astype("u1")


def moved(right, down):
    return np.tile(np.array([right, down], np.float32), (*SIZE, 1))


def noisy(frame, sigma, seed=1):
    noise = np.random.default_rng(seed).normal(0, sigma, frame.shape)
    return np.rint(frame + noise).clip(0, 255).astype("u1")


EVERYWHERE = np.ones(SIZE, bool)
STILL = moved(0, 0)


def test_frames_that_are_equal_and_still_do_not_flicker():
    frame = window(scene(), 0, 0)
    found = flicker((frame, frame), (frame, frame), STILL, EVERYWHERE)
    assert (found.drawn, found.source, found.unmoved, found.share) == (0, 0, 0, 0)


@pytest.mark.parametrize(("left", "top"), [(3, 0), (0, 5), (7, 2)])
def test_a_drawing_that_goes_with_a_pan_by_whole_pixels_does_not_flicker(left, top):
    source = window(scene(), 0, 0), window(scene(), left, top)
    drawn = poster(source[0]), poster(source[1])
    found = flicker(drawn, source, moved(-left, -top), EVERYWHERE)
    assert (found.drawn, found.source, found.share) == (0, 0, 0)
    assert found.unmoved > 5
    assert flicker(drawn, source, moved(left, top), EVERYWHERE).drawn > 5


def test_half_a_pixel_is_resampled_between_neighbors():
    ramp = np.repeat(np.arange(0, 240, 4, dtype=np.uint8)[None, :, None], 3, axis=2)
    ramp = np.repeat(ramp, SIZE[0], axis=0)
    found = flicker((ramp, ramp + 2), (ramp, ramp), moved(-0.5, 0.25), EVERYWHERE)
    assert found.drawn == pytest.approx(0, abs=1e-4)
    assert found.source == pytest.approx(2, abs=1e-4)


def test_noise_adds_what_it_has():
    frame = np.full((*SIZE, 3), 128, np.uint8)
    levels = []
    for sigma in (0, 2, 4, 8, 16):
        drawn = noisy(frame, sigma, 1), noisy(frame, sigma, 2)
        found = flicker(drawn, (frame, frame), STILL, EVERYWHERE)
        assert found.source == 0
        assert found.drawn == found.unmoved
        levels.append(found.drawn)
    assert levels[0] == 0
    # Of two normal deviates, the difference is 2 / √π times σ in the mean.
    assert np.array(levels[1:]) == pytest.approx(2 / np.sqrt(np.pi) * np.array([2, 4, 8, 16]), 0.05)


def test_what_sticks_to_the_screen_is_not_explained_by_the_motion_whatever_its_contrast():
    source = window(scene(), 0, 0), window(scene(), 4, 0)
    texture = noisy(np.full((*SIZE, 3), 128, np.uint8), 20)
    faint = np.rint(128 + (texture.astype(float) - 128) / 4).astype("u1")
    assert flicker((texture, texture), source, moved(-4, 0), EVERYWHERE).unmoved == 0
    shares = []
    for sticking in (texture, faint):
        drawn = [np.rint(frame / 8.0 + sticking * 0.8).astype("u1") for frame in source]
        found = flicker((drawn[0], drawn[1]), source, moved(-4, 0), EVERYWHERE)
        shares.append(found.share)
    assert min(shares) > 1


def test_hidden_pixels_and_those_from_outside_do_not_count():
    frame = window(scene(), 0, 0)
    spoiled = frame.copy()
    spoiled[10:20, 10:20] = 255 - spoiled[10:20, 10:20]
    visible = EVERYWHERE.copy()
    visible[10:20, 10:20] = False
    assert flicker((frame, spoiled), (frame, frame), STILL, EVERYWHERE).drawn > 0
    assert flicker((frame, spoiled), (frame, frame), STILL, visible).drawn == 0

    arrived = window(scene(), 5, 0).copy()
    arrived[:, -5:] = 0  # comes from outside
    assert flicker((frame, arrived), (frame, frame), moved(-5, 0), EVERYWHERE).drawn == 0


def test_what_does_not_fit_together_is_refused():
    frame = window(scene(), 0, 0)
    with pytest.raises(UsageError, match="mask of"):
        flicker((frame, frame[1:]), (frame, frame), STILL, EVERYWHERE)
    with pytest.raises(UsageError, match="mask of"):
        flicker((frame, frame), (frame, frame), STILL[..., 0], EVERYWHERE)
    with pytest.raises(UsageError, match="mask of"):
        flicker((frame, frame), (frame, frame), STILL, EVERYWHERE[1:])
    with pytest.raises(UsageError, match="nothing in common"):
        flicker((frame, frame), (frame, frame), moved(100, 0), EVERYWHERE)
    with pytest.raises(UsageError, match="nothing in common"):
        flicker((frame, frame), (frame, frame), STILL, ~EVERYWHERE)
