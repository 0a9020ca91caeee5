"""The size that a picture is drawn at, and the way back."""

import numpy as np
import pytest

from nijigan.core.errors import CancelledError
from nijigan.core.images import resize
from nijigan.export.style import Scale
from nijigan.server import scale
from nijigan.server.cancel import Cancel
from nijigan.server.scale import bring_back, drawing_size

GUIDED, NATIVE = Scale(512, "guided"), Scale(512, "native")


@pytest.mark.parametrize(
    ("size", "style", "wanted", "expected"),
    [
        ((640, 640), GUIDED, "auto", (640, 640)),
        ((641, 641), GUIDED, "auto", (512, 512)),
        ((3840, 2160), GUIDED, "auto", (910, 512)),
        ((2160, 3840), GUIDED, "auto", (512, 910)),
        ((300, 256), GUIDED, "auto", (300, 256)),
        ((300, 255), GUIDED, "auto", (301, 256)),
        ((64, 128), GUIDED, "auto", (256, 512)),
        ((16, 8192), GUIDED, "auto", (22, 11264)),  # no more pixels than 512 squared
        ((1, 300_000), GUIDED, "auto", (1, 300_000)),
        ((64, 128), NATIVE, "auto", (64, 128)),
        ((64, 128), GUIDED, "native", (64, 128)),
        ((3840, 2160), GUIDED, "native", (3840, 2160)),
        ((3840, 2160), NATIVE, "auto", (3840, 2160)),
        ((3840, 2160), NATIVE, 1080, (1920, 1080)),
        ((300, 200), GUIDED, 400, (600, 400)),
    ],
)
def test_drawing_size(size, style, wanted, expected):
    assert drawing_size(*size, style, wanted) == expected


def back(drawn: np.ndarray, original: np.ndarray) -> np.ndarray:
    return bring_back(drawn, original, 1.0, lambda done: None, Cancel())


def disk() -> np.ndarray:
    """A dark disk on light ground, 200x240, with an edge one pixel wide."""
    y, x = np.mgrid[:200, :240]
    edge = np.clip(np.hypot(y - 100, x - 120) - 60, 0, 1)
    return (40 + 150 * edge[..., None] * [1, 1, 1]).astype(np.uint8)


def test_edges_get_the_sharpness_of_the_original():
    photo = disk()
    small = resize(photo, 60, 50)
    drawn = np.rint(0.8 * small + [30, 5, 0]).astype(np.uint8)  # a drawing that follows the photo
    target = 0.8 * photo + [30, 5, 0]
    plain, guided = resize(drawn, 240, 200), back(drawn, photo)
    assert np.abs(guided - target).mean() < 0.45 * np.abs(plain - target).mean()

    def steepest(rgb):
        return np.abs(np.diff(rgb.astype(float), axis=1)).max()

    assert steepest(guided) > 0.8 * steepest(target) > 2 * steepest(plain)


def test_flat_regions_stay_flat_over_texture():
    noise = np.random.default_rng(0).normal(128, 25, (200, 240, 1)).clip(0, 255)
    photo = np.repeat(noise, 3, axis=2).astype(np.uint8)
    flat = np.full((50, 60, 3), [200, 80, 40], np.uint8)
    assert np.abs(back(flat, photo).astype(int) - [200, 80, 40]).max() == 0


def test_lines_of_the_drawing_alone_take_no_texture():
    noise = np.random.default_rng(0).normal(128, 25, (200, 240, 1)).clip(0, 255)
    photo = np.repeat(noise, 3, axis=2).astype(np.uint8)
    lines = np.full((50, 60, 3), 220, np.uint8)
    lines[:, 30] = 10
    texture = back(lines, photo).astype(int) - resize(lines, 240, 200)
    assert np.abs(texture).mean() < 0.15 * np.abs(photo.astype(int) - 128).mean()


def test_strips_do_not_show(monkeypatch):
    photo = disk()
    drawn = resize(photo, 60, 50)
    whole = back(drawn, photo)
    monkeypatch.setattr(scale, "STRIP_ROWS", 7)
    assert np.abs(back(drawn, photo).astype(int) - whole).max() <= 1


def test_a_larger_drawing_is_reduced():
    photo = disk()
    drawn = resize(photo, 480, 400)
    assert np.array_equal(back(drawn, photo), resize(drawn, 240, 200))


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_larger_drawing_at_strength_zero_takes_nothing(kind):
    rgb = np.random.default_rng(4).integers(0, 256, (20, 31, 3)).astype(np.uint8)
    original = rgb if kind == np.uint8 else (rgb / np.float32(255))
    enlarged = resize(original, 62, 40)
    back = bring_back(enlarged, original, 0.0, lambda done: None, Cancel())
    assert back.dtype == kind
    np.testing.assert_allclose(back, original, atol=1e-6)
    at_one = bring_back(enlarged, original, 1.0, lambda done: None, Cancel())
    assert np.array_equal(at_one, resize(enlarged, 31, 20))


@pytest.mark.parametrize("size", [(60, 50), (480, 400)])
def test_cancel_and_progress(size):
    photo, cancel, seen = disk(), Cancel(), []
    bring_back(resize(photo, *size), photo, 1.0, seen.append, cancel)
    assert seen[-1] == 1.0
    cancel.set()
    with pytest.raises(CancelledError):
        bring_back(resize(photo, *size), photo, 1.0, seen.append, cancel)


def test_what_is_drawn_as_a_square_comes_back_alike_along_either_axis():
    photo = np.ascontiguousarray(disk()[:50])
    drawn = resize(photo, 50, 50)
    lying, standing = back(drawn, photo), back(*map(turned, (drawn, photo)))
    assert np.abs(turned(standing).astype(int) - lying).max() <= 1


def turned(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(picture.swapaxes(0, 1))
