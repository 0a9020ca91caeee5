"""Tiles equal the whole picture."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nijigan.core.errors import CancelledError, EngineError, OutOfMemoryError
from nijigan.export.style import load_style
from nijigan.server.cancel import Cancel
from nijigan.server.engines import open_engine
from nijigan.server.tiling import Notes, Tiling, draw, spans, window_size

BYTES_PER_PIXEL = 100


def picture(height: int, width: int) -> np.ndarray:
    """Black, white and colored blocks, so that what is missing at a seam shows."""
    blocks = np.random.default_rng(3).integers(0, 2, (height // 4 + 1, width // 4 + 1, 3))
    return (255 * blocks).astype(np.uint8).repeat(4, 0).repeat(4, 1)[:height, :width]


def tiles_of(pixels: int, radius_px: int) -> Tiling:
    """A budget of so many pixels a tile."""
    return Tiling(4, radius_px, BYTES_PER_PIXEL, pixels * BYTES_PER_PIXEL)


class Recorder:
    """An engine that keeps the shapes it was given, and can go wrong."""

    name = "recorder"

    def __init__(self, value: float = 0.0, cancel_at: int = -1) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.value, self.cancel_at = value, cancel_at

    def run(self, image, strength, cancel, norm_stats=None):
        cancel.raise_if_set()
        self.shapes.append(image.shape)
        if len(self.shapes) == self.cancel_at:
            cancel.set()
        return image + np.float32(self.value)


def ignore(done: float) -> None:
    pass


@pytest.mark.parametrize("quality", ["draft", "fine"])
@pytest.mark.parametrize("size", [(100, 140), (61, 203), (203, 61), (33, 34)])
def test_tiles_equal_the_whole(toy_style, quality, size):
    style = load_style(toy_style)
    engine = open_engine(style, quality, threads=1)
    radius = style.qualities[quality].radius_px

    def run(pixels: int, radius_px: int = radius) -> np.ndarray:
        tiling = tiles_of(pixels, radius_px)
        return draw(engine, picture(*size), 1.0, tiling, ignore, Cancel()).astype(int)

    whole = run(10**9)
    assert whole.shape == (*size, 3)
    assert np.abs(run(48 * 48) - whole).max() <= 1
    if min(size) > 60:  # the test can tell: with less of a halo, seams show
        assert np.abs(run(48 * 48, max(radius - 8, 0)) - whole).max() > 5


def test_a_picture_within_the_budget_is_one_tile():
    engine = Recorder()
    draw(engine, picture(32, 40), 1.0, tiles_of(32 * 40, 8), ignore, Cancel())
    assert engine.shapes == [(1, 3, 32, 40)]


def test_progress_and_tiles_of_one_shape():
    engine, seen = Recorder(), []
    rgb = picture(200, 300)
    drawn = draw(engine, rgb, 1.0, tiles_of(64 * 64, 7), seen.append, Cancel())
    assert np.array_equal(drawn, rgb)
    assert len(set(engine.shapes)) == 1
    assert seen == sorted(seen)
    assert len(seen) == len(engine.shapes) > 10
    assert seen[-1] == 1.0


def test_cancel_acts_between_tiles():
    engine = Recorder(cancel_at=2)
    with pytest.raises(CancelledError):
        draw(engine, picture(200, 300), 1.0, tiles_of(64 * 64, 7), ignore, Cancel())
    assert len(engine.shapes) == 2


def test_what_is_not_a_number_is_an_error():
    with pytest.raises(EngineError, match="not numbers"):
        draw(Recorder(float("nan")), picture(16, 16), 1.0, tiles_of(10**6, 7), ignore, Cancel())


def test_how_it_was_drawn_is_noted(toy_style):
    notes = Notes()
    engine = open_engine(load_style(toy_style), "draft", threads=1)
    draw(engine, picture(100, 140), 1.0, tiles_of(48 * 48, 8), ignore, Cancel(), notes=notes)
    assert notes.tiles > 4
    assert notes.deviation_db is None


def test_tiles_of_a_global_style_show_no_seam(toy_global_style):
    """Across the borders of tiles the drawing changes no more than inside of them."""
    engine = open_engine(load_style(toy_global_style), "normal", threads=1)
    ramp = np.linspace(0, 200, 320)[None, :, None] * np.ones((240, 1, 3))
    grain = np.random.default_rng(2).uniform(0, 40, ramp.shape)
    rgb = (ramp + grain).astype(np.uint8)  # dark on the left, bright on the right

    def steps(shares: bool) -> tuple[float, float]:
        tiling = replace(tiles_of(80 * 80, 0), shares_statistics=shares)
        drawn = draw(engine, rgb, 1.0, tiling, ignore, Cancel()).astype(float)
        across = np.abs(np.diff(drawn, axis=1)).mean(axis=(0, 2))
        columns = window_size(240, 320, 4, 0, 80 * 80)[1]
        borders = [span.core.stop - 1 for span in spans(320, columns, 0)][:-1]
        return across[borders].mean(), np.delete(across, borders).mean()

    border, inside = steps(shares=True)
    assert border < 1.1 * inside
    border, inside = steps(shares=False)  # the test can tell
    assert border > 2 * inside


def test_what_tiles_of_a_global_style_deviate_by_is_estimated(toy_global_style):
    """Reducing changes how much the pixels vary, and with it how far they are spread."""
    engine = open_engine(load_style(toy_global_style), "normal", threads=1)
    rng = np.random.default_rng(1)
    smooth = np.linspace(0, 255, 320)[:, None, None] * np.ones((1, 240, 3))
    estimates = []
    for amplitude in (0, 60):
        rgb = (smooth / 2 + 60 + rng.uniform(-amplitude, amplitude, smooth.shape)).astype(np.uint8)
        tiling, notes = replace(tiles_of(80 * 80, 0), shares_statistics=True), Notes()
        tiles = draw(engine, rgb, 1.0, tiling, ignore, Cancel(), notes=notes)
        whole = draw(engine, rgb, 1.0, tiles_of(10**9, 0), ignore, Cancel())
        difference = (tiles.astype(float) - whole) / 255
        real = -10 * np.log10(np.mean(difference**2))
        assert abs(real - notes.deviation_db) < 12  # an estimate
        estimates.append(notes.deviation_db)
    assert estimates[1] < estimates[0] - 10


class Small(Recorder):
    """One that has memory for so many pixels and no more."""

    def __init__(self, pixels):
        super().__init__()
        self.pixels = pixels

    def run(self, image, strength, cancel, norm_stats=None):
        if image.shape[2] * image.shape[3] > self.pixels:
            raise OutOfMemoryError("Too large.")
        return super().run(image, strength, cancel, norm_stats)


def test_where_memory_is_short_the_tiles_are_made_smaller():
    rgb = picture(400, 600)
    engine = Small(130 * 130)
    # The budget is far more than the picture needs, so that halving it once would change nothing.
    drawn = draw(engine, rgb, 1.0, tiles_of(10**9, 7), ignore, Cancel())
    assert np.array_equal(drawn, rgb)
    assert len(engine.shapes) > 10


def test_where_there_is_none_for_anything_that_is_said():
    with pytest.raises(OutOfMemoryError):
        draw(Small(10), picture(400, 600), 1.0, tiles_of(10**9, 7), ignore, Cancel())


@given(
    st.integers(4, 600), st.integers(4, 600), st.sampled_from([1, 4, 8]), st.integers(0, 9),
    st.integers(1, 400),
)  # fmt: skip
def test_spans_cover_once_within_the_budget(rows, columns, multiple, halos, side):
    height, width, halo = rows * multiple, columns * multiple, halos * multiple
    budget = side * side
    window = window_size(height, width, multiple, halo, budget)
    least = 2 * halo + max(halo, multiple)
    assert window[0] * window[1] <= max(budget, least**2, least * max(budget // least, least))
    for length, size in zip((height, width), window, strict=True):
        covered = np.zeros(length, int)
        for span in spans(length, size, halo):
            covered[span.core] += 1
            assert span.source.start % multiple == span.source.stop % multiple == 0
            assert span.source.start in (0, span.core.start - halo) or span.source.stop == length
            assert span.core.start - span.source.start >= (halo if span.source.start else 0)
            assert span.source.stop - span.core.stop >= (halo if span.source.stop < length else 0)
        assert (covered == 1).all()
