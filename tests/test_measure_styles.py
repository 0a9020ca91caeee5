"""`scripts/measure_styles.py`, on a toy style that draws what it is to draw but for rounding."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nijigan.core.datasets.split import Split, write_split
from nijigan.core.images import Picture, write_picture
from nijigan.export.style import QUALITIES, Parity, load_style, write_style_json
from nijigan.export.styles import StyleLibrary
from nijigan.server.stylizer import Settings, Stylizer

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import measure_styles


@pytest.fixture(scope="module")
def style(make_toy_style):
    folder = make_toy_style()
    exact = dict(zip(QUALITIES, (40.0, 50.0, 55.5), strict=True))
    parity = [
        Parity(quality, size, 0.0, 99.0, db if size == "64x64" else None)
        for quality, db in exact.items()
        for size in ("64x64", "96x80")
    ]
    write_style_json(folder, replace(load_style(folder), parity=tuple(parity)))
    return folder


@pytest.fixture(scope="module")
def pairs(style, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs") / "toy"
    stylizer = Stylizer(StyleLibrary([style]), threads=1)
    names = [f"photo{number}" for number in range(4)]
    for number, name in enumerate(names):
        blocks = np.random.default_rng(number).integers(0, 256, (8, 10, 3), np.uint8)
        photo = Picture(blocks.repeat(8, 0).repeat(8, 1))
        write_picture(folder / "photo" / f"{name}.png", photo)
        drawn = stylizer.stylize(photo, Settings("toy", scale="native"))
        write_picture(folder / "drawn" / f"{name}.png", drawn)
    write_split(folder, Split(train=tuple(names[:1]), held_out=tuple(names[1:])))
    return folder


def test_a_style_that_draws_as_its_teacher_has_every_measure_of_it(style, pairs, monkeypatch):
    monkeypatch.setattr(measure_styles, "MEASURES", ("psnr", "ssim", "flatness", "lines"))
    measured = measure_styles.measure(str(style), pairs)
    figures = {figure.name: figure.values for figure in measured.evaluation.figures}
    assert figures["PSNR"]["normal"].value > 100 > figures["PSNR"]["draft"].value
    assert measured.exact_db == {"draft": 40.0, "normal": 50.0, "fine": 55.5}
    assert (measured.zero_db == np.inf).all()
    assert measured.dial.grows == 1
    np.testing.assert_allclose(measured.dial.steps, 0.1, atol=0.01)
    assert measured.dial.half_db.min() > 45  # the toy blends, so half is the mean
    page = measure_styles.page([measured], "python scripts/measure_styles.py toy")
    assert "3 photos" in page
    assert "Strength 0 to the photo: equal." in page
    assert "`fine` is 15.5 dB nearer than `draft`" in page
