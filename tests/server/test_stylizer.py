"""A request becomes a picture."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from nijigan.core.errors import (
    CancelledError,
    ImageError,
    ImageTooLargeError,
    StrengthError,
    StyleNotFoundError,
    UsageError,
)
from nijigan.core.images import Picture
from nijigan.export.style import load_style, write_style_json
from nijigan.export.styles import StyleLibrary
from nijigan.server import stylizer as module
from nijigan.server.cancel import Cancel
from nijigan.server.stylizer import Settings, Stylizer

SECONDS = 10


def picture(width: int = 40, height: int = 30) -> Picture:
    rng = np.random.default_rng(5)
    return Picture(
        rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
        rng.integers(0, 256, (height, width), dtype=np.uint8),
    )


@pytest.fixture(scope="module")
def stylizer(toy_style):
    return Stylizer(StyleLibrary([toy_style]), threads=1)


def test_strength_zero_of_an_identity_gives_the_picture_back(stylizer):
    photo = picture(41, 33)  # no multiple of 4
    drawn = stylizer.stylize(photo, Settings("toy", strength=0.0))
    assert np.array_equal(drawn.rgb, photo.rgb)
    assert np.array_equal(drawn.alpha, photo.alpha)


@pytest.mark.parametrize("size", [(16, 16), (17, 300), (100, 70), (500, 400)])
@pytest.mark.parametrize("scale", ["auto", "native", 16, 40])
def test_any_size_gives_that_size(stylizer, size, scale):
    drawn = stylizer.stylize(picture(*size), Settings("toy", scale=scale))
    assert (drawn.width, drawn.height) == size
    assert drawn.rgb.dtype == np.uint8


def test_alpha_never_goes_through_the_network(stylizer):
    photo = picture(90, 100)
    opaque = stylizer.stylize(Picture(photo.rgb), Settings("toy"))
    clear = stylizer.stylize(Picture(photo.rgb, photo.alpha), Settings("toy"))
    assert opaque.alpha is None
    assert np.array_equal(clear.rgb, opaque.rgb)
    assert np.array_equal(clear.alpha, photo.alpha)


def test_quality_and_scale_change_the_picture(stylizer):
    photo = picture(120, 100)
    results = [
        stylizer.stylize(photo, settings).rgb
        for settings in (
            Settings("toy", quality="draft"),
            Settings("toy", quality="fine"),
            Settings("toy", quality="fine", scale="native"),
            Settings("toy", quality="fine", scale=32),
        )
    ]
    assert len({result.tobytes() for result in results}) == 4
    auto, at_64 = (
        stylizer.stylize(photo, Settings("toy", quality="fine", scale=s)) for s in ("auto", 64)
    )
    assert np.array_equal(auto.rgb, at_64.rgb)


def test_memory_budget_only_changes_the_memory(toy_style, stylizer):
    memory = 48 * 48 * load_style(toy_style).qualities["fine"].bytes_per_pixel
    tight = Stylizer(StyleLibrary([toy_style]), threads=1, memory_bytes=memory)
    settings = Settings("toy", quality="fine", scale="native")
    photo = picture(130, 110)
    whole, tiles = (one.stylize(photo, settings).rgb.astype(int) for one in (stylizer, tight))
    assert np.abs(whole - tiles).max() <= 1


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        (Settings("toy", strength=7.0), StrengthError, r"strength is 7\.0\. Give 0 to 1"),
        (Settings("toy", strength=-0.01), StrengthError, r"-0\.01"),
        (Settings("toy", strength=float("nan")), StrengthError, "nan"),
        (Settings("toy", quality="god"), UsageError, "'god'.*Known: draft, fine, normal"),
        (Settings("toy", quality="fin"), UsageError, "Did you mean 'fine'"),
        (Settings("toy", scale=8), UsageError, "8 pixels. Give 16 to 8192"),
        (Settings("toy", scale="big"), UsageError, "'big'"),
        (Settings("toi"), StyleNotFoundError, "'toi'.*Did you mean 'toy'"),
        (Settings("toy", scale=9000), UsageError, "9000 pixels. Give 16 to 8192"),
        (Settings("toy", scale=8000), ImageTooLargeError, "10667x8000"),
    ],
)
def test_settings_that_are_refused(stylizer, settings, error, says):
    with pytest.raises(error, match=says):
        stylizer.stylize(picture(), settings)


def test_sizes_that_are_refused(stylizer):
    with pytest.raises(ImageError, match="1x1; each side must be 16"):
        stylizer.stylize(picture(1, 1), Settings("toy"))
    with pytest.raises(ImageError, match="400x15"):
        stylizer.check(Settings("toy"), 400, 15)
    with pytest.raises(ImageTooLargeError, match=r"8193x8192, .* 67108864"):
        stylizer.check(Settings("toy"), 8193, 8192)
    assert stylizer.check(Settings("toy"), 8192, 8192).name == "toy"


def test_progress_rises_to_one(stylizer):
    seen: list[tuple[float, str]] = []
    photo = picture(300, 200)
    stylizer.stylize(photo, Settings("toy"), lambda done, stage: seen.append((done, stage)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert list(dict.fromkeys(stage for _, stage in seen)) == ["loading", "drawing", "scaling"]
    assert seen[-1] == (1.0, "scaling")


def test_cancel(stylizer):
    cancel = Cancel()
    cancel.set()
    with pytest.raises(CancelledError):
        stylizer.stylize(picture(), Settings("toy"), cancel=cancel)


def test_threads_share_one_engine(toy_style, monkeypatch):
    opened = []

    def open_engine(*arguments):
        opened.append(arguments)
        return original(*arguments)

    original = module.open_engine
    monkeypatch.setattr(module, "open_engine", open_engine)
    stylizer = Stylizer(StyleLibrary([toy_style]), threads=1)
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: stylizer.stylize(picture(), Settings("toy")), range(8)))
    assert len(opened) == 1
    assert len({one.rgb.tobytes() for one in drawn}) == 1


def test_a_load_that_hangs_stops_nothing_else(toy_style, monkeypatch):
    begun, freed = Event(), Event()

    def open_engine(style, quality, *rest):
        if quality == "fine" and not begun.is_set():
            begun.set()
            freed.wait(SECONDS)
        return original(style, quality, *rest)

    original = module.open_engine
    monkeypatch.setattr(module, "open_engine", open_engine)
    stylizer = Stylizer(StyleLibrary([toy_style]), threads=1)
    with ThreadPoolExecutor(1) as pool:
        hung = pool.submit(stylizer.load, "toy", "fine")
        assert begun.wait(SECONDS)
        stylizer.load("toy", "draft")
        assert stylizer.unload("toy") == 1
        stylizer.load("toy", "fine")  # anew: the one that hangs is forgotten
        assert not hung.done()
        freed.set()


def test_a_style_that_is_replaced_is_drawn_anew(make_toy_style, tmp_path):
    folder = shutil.copytree(make_toy_style(), tmp_path / "toy")
    stylizer = Stylizer(StyleLibrary([folder]), threads=1)
    before = stylizer.stylize(picture(), Settings("toy"))
    weights = np.fromfile(folder / "weights.bin", np.float32)
    (weights * 0).tofile(folder / "weights.bin")
    write_style_json(folder, load_style(folder, verify=False))
    after = stylizer.stylize(picture(), Settings("toy"))
    assert (after.rgb == 128).all()
    assert not np.array_equal(before.rgb, after.rgb)


def test_few_engines_are_kept(make_toy_style, monkeypatch):
    monkeypatch.setattr(module, "_MOST_GRAPHS", 2)
    stylizer = Stylizer(StyleLibrary([make_toy_style()]), threads=1)
    for quality in ("draft", "normal", "fine", "normal"):
        stylizer.stylize(picture(), Settings("toy", quality=quality))
    assert stylizer.graphs_in_memory() == 2


def test_all_graphs_of_three_styles_are_kept(make_toy_style):
    folders = [make_toy_style(name) for name in "abc"]
    for number, folder in enumerate(folders):  # their own graphs, as loaded ones go by content
        weights = np.fromfile(folder / "weights.bin", np.float32) * number
        weights.tofile(folder / "weights.bin")
        write_style_json(folder, load_style(folder, verify=False))
    stylizer = Stylizer(StyleLibrary(folders), threads=1)
    for name in "abc":
        for quality in ("draft", "normal", "fine"):
            stylizer.load(name, quality)
    assert stylizer.graphs_in_memory() == 9


def test_a_grey_picture_stays_grey(stylizer):
    grey = np.repeat(picture(40, 32).rgb[..., :1], 3, axis=2)
    drawn = stylizer.stylize(Picture(grey), Settings("toy")).rgb
    assert (drawn[..., 0] == drawn[..., 1]).all()
    assert (drawn[..., 0] == drawn[..., 2]).all()
    assert (drawn != grey).any()
