"""What the styles that ship promise, on a photo that no one trained on."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from nijigan.core import teachers
from nijigan.core.images import read_picture
from nijigan.core.metrics.psnr import psnr
from nijigan.export.card import load_card
from nijigan.export.operators import engines
from nijigan.export.precision import PRECISIONS
from nijigan.export.style import QUALITIES, load_style
from nijigan.export.styles import StyleLibrary
from nijigan.server.stylizer import Settings, Stylizer

ROOT = Path(__file__).parent.parent
STYLES = ROOT / "server/nijigan/styles"
NAMES = sorted(path.parent.name for path in STYLES.glob("*/style.json"))
STRENGTHS = np.linspace(0, 1, 6)


@pytest.fixture(scope="module")
def photo():
    return read_picture(ROOT / "export/nijigan/export/data/astronaut.jpg")


@pytest.fixture(scope="module", params=NAMES)
def style(request):
    return load_style(STYLES / request.param)


@pytest.fixture(scope="module")
def drawn(style, photo, tmp_path_factory):
    """The photo at six strengths, without halftone dots, which no teacher draws."""
    folder = tmp_path_factory.mktemp("flat") / style.name
    shutil.copytree(style.folder, folder)
    table = json.loads((folder / "style.json").read_bytes())
    table.pop("halftone", None)
    (folder / "style.json").write_text(json.dumps(table), encoding="utf-8")
    stylizer = Stylizer(StyleLibrary([folder]))
    return [stylizer.stylize(photo, Settings(style.name, float(s))).rgb for s in STRENGTHS]


@pytest.fixture(scope="module")
def taught(style, photo):
    """The teacher's drawing of the photo."""
    drawing = teachers.create(style.name)(np.divide(photo.rgb, 255, dtype=np.float32))
    return np.rint(drawing * 255).astype(np.uint8)


def test_there_are_styles():
    assert "cel" in NAMES


def test_a_style_is_small_licensed_and_proved(style):
    files = list(style.folder.iterdir())
    assert sum(path.stat().st_size for path in files) < 5_000_000
    assert style.generator["parameters"] <= 1_000_000
    assert style.license == "Apache-2.0"
    assert style.limits
    assert {row.quality for row in style.parity} == set(QUALITIES)
    assert all(PRECISIONS[style.precision].allows(row) for row in style.parity)


def test_the_page_of_data_and_the_card_say_what_a_style_learned_from(style):
    split = style.training["split_sha256"]
    assert split in (ROOT / "docs/data.md").read_text(encoding="utf-8")
    card = load_card(style.name)
    assert (style.version, style.limits) == (card.version, tuple(card.limits))


@pytest.mark.parametrize("quality", QUALITIES)
def test_graphs_have_only_operators_that_every_engine_has(style, quality):
    graph = onnx.load(style.graph(quality), load_external_data=False).graph
    used = {node.op_type for node in graph.node}
    assert {engine.name: engine.lacks(used) for engine in engines() if engine.lacks(used)} == {}


def test_strength_0_gives_the_photo_back(photo, drawn):
    # a photo sharper than those it learned from, whose means are in docs/styles.md
    assert psnr(drawn[0], photo.rgb) > 29


def test_strength_1_is_near_the_teacher_and_the_ode_is_why(taught, drawn):
    # at strength 0 every ODE block is the identity: what is left is the network with f = 0
    assert psnr(drawn[-1], taught) > psnr(drawn[0], taught) + 3


def test_strength_moves_steadily_from_photo_to_drawing(drawn):
    change = [np.abs(picture.astype(float) - drawn[0]).mean() for picture in drawn]
    steps = np.diff(change)
    assert (steps > 0).all()
    assert steps.max() < 3 * steps.min()


def test_finer_qualities_are_nearer_to_the_exact_ode(style):
    exact = [row.ode_psnr_db for row in style.parity if row.ode_psnr_db is not None]
    assert exact == sorted(exact)
    assert len(exact) == len(QUALITIES)
