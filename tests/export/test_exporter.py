import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from typer.testing import CliRunner

from nijigan.core.checkpoint import CheckpointInfo, save_network
from nijigan.core.cli import build_app
from nijigan.core.datasets.photos import find_photos
from nijigan.core.errors import CheckFailedError, ConfigError, ExportError, OutputError
from nijigan.core.images import read_picture
from nijigan.core.models import create_generator
from nijigan.core.ode import RK4, Euler
from nijigan.export import compare, exporter
from nijigan.export.card import Card, card_names, default_card, load_card
from nijigan.export.exporter import Pictures, export_style
from nijigan.export.halftone import screen
from nijigan.export.onnx import onnx_from_torch, write_graphs
from nijigan.export.reopen import generator_of
from nijigan.export.source import Source, _hours, open_source
from nijigan.export.style import QUALITIES, Halftone, load_style
from nijigan.server.cancel import Cancel
from nijigan.server.engines import open_engine

CARD = Card(name="tiny", title="Tiny", license="Apache-2.0", limits=["Draws nothing well."])
SMALL = ((32, 32), (36, 20), (48, 64))


def of(paths):
    """The pictures of an export, all of them from a few."""
    return Pictures(paths, paths, paths[0])


@pytest.fixture(autouse=True)
def _small_comparisons(monkeypatch):
    monkeypatch.setattr(compare, "SIZES", SMALL)


@pytest.fixture(scope="module")
def paths(photos):
    return [pair.photo for pair in find_photos(photos)]


@pytest.fixture(scope="module")
def style_folder(checkpoint, paths, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "SIZES", SMALL)
        out = tmp_path_factory.mktemp("styles") / "tiny"
        export_style(open_source(checkpoint), out, CARD, of(paths))
    return out


def test_the_folder_is_a_whole_style(style_folder):
    style = load_style(style_folder)
    assert style.name == "tiny"
    assert style.generator["parameters"] < 10_000
    assert style.training["steps"] == 7
    assert style.qualities["draft"].radius_px < style.qualities["normal"].radius_px
    assert [q.evaluations for q in style.qualities.values()] == [1, 2, 4]
    assert sorted(path.name for path in style_folder.iterdir()) == [
        "README.md",
        "draft.onnx",
        "fine.onnx",
        "normal.onnx",
        "preview.png",
        "style.json",
        "weights.bin",
    ]


def test_the_preview_has_the_dots_that_the_style_has(checkpoint, style_folder, paths, tmp_path):
    dots = Halftone(cell_px=6.0, angle_degrees=45.0, line_px=3)
    dotted = tmp_path / "dotted"
    export_style(open_source(checkpoint), dotted, replace(CARD, halftone=dots), of(paths))
    plain, shown = (read_picture(each / "preview.png").rgb for each in (style_folder, dotted))
    side = exporter.PREVIEW_SIDE
    assert np.array_equal(shown[:, :side], plain[:, :side])
    drawn = np.ascontiguousarray(plain[:, side:])
    assert np.array_equal(shown[:, side:], screen(drawn, dots, 1.0, (0, 0), 1.0))
    assert not np.array_equal(shown[:, side:], drawn)


def test_parity_is_measured_at_every_size_and_quality(style_folder):
    parity = load_style(style_folder).parity
    assert len(parity) == 3 * len(QUALITIES)
    assert all(row.max_abs < 1e-4 and row.psnr_db > 80 for row in parity)
    exact = [row.ode_psnr_db for row in parity if row.ode_psnr_db is not None]
    assert exact == sorted(exact), "finer qualities are nearer to the exact ODE"


def test_the_model_card_has_limits_and_parity(style_folder):
    card = (style_folder / "README.md").read_text()
    assert "- Draws nothing well." in card
    assert card.count("| draft | ") == 1 + 3


def test_a_graph_that_differs_fails_and_leaves_no_style(checkpoint, paths, tmp_path, monkeypatch):
    right = exporter.onnx_from_torch

    def wrong(generator, solver, precision, calibration):
        model = right(generator, solver)
        tensor = next(t for t in model.graph.initializer if list(t.dims) == [12, 8, 3, 3])
        tensor.raw_data = (np.frombuffer(tensor.raw_data, np.float32) + 0.01).tobytes()
        return model

    monkeypatch.setattr(exporter, "onnx_from_torch", wrong)
    with pytest.raises(CheckFailedError, match="'draft' differs from its generator by"):
        export_style(open_source(checkpoint), tmp_path / "out", CARD, of(paths))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sizes", "drawn"),
    [
        (((32, 32),), [1.0, 0.5, 0.0]),
        (((32, 32), (36, 20), (48, 64)), [1.0, 0.5, 0.0, 1.0, 0.5, 0.0, 1.0]),
        (((48, 64),), [1.0, 0.5, 0.0]),
    ],
)
def test_two_photos_are_drawn_at_all_three_strengths(sizes, drawn, paths, tmp_path, monkeypatch):
    monkeypatch.setattr(compare, "SIZES", sizes)
    monkeypatch.setattr(compare, "_LARGE", 32 * 64)
    generator = create_generator("cut_resnet4", ngf=2).eval()
    write_graphs({"normal": onnx_from_torch(generator, Euler())}, tmp_path)
    strengths, run_graph = [], compare.run_graph
    monkeypatch.setattr(
        compare, "run_graph", lambda s, image, x: strengths.append(x) or run_graph(s, image, x)
    )
    subject = compare.Subject("normal", tmp_path / "normal.onnx", generator, Euler())
    compare.compare(subject, paths[:2])
    assert strengths == drawn


def test_a_folder_that_is_no_style_is_not_replaced(checkpoint, paths, tmp_path):
    (tmp_path / "thesis.txt").write_text("months of work")
    with pytest.raises(OutputError, match=r"exists and has no style\.json"):
        export_style(open_source(checkpoint), tmp_path, CARD, of(paths))
    assert (tmp_path / "thesis.txt").exists()


def test_the_command_refuses_an_adaptive_solver(checkpoint, photos, paths, tmp_path):
    arguments = ["export", checkpoint, "-o", tmp_path / "out", "--card", "cel"]
    arguments += ["--photos", photos, "--preview", paths[0], "--solver", "adaptive"]
    result = CliRunner().invoke(build_app(), [str(a) for a in arguments])
    assert isinstance(result.exception, ExportError)
    assert "freeze one picture's step sizes" in str(result.exception)


def test_hours_come_from_the_run(tmp_path):
    rows = [{"step": 10, "seconds_per_step": 36.0}, {"step": 10, "val/psnr": 30.0}]
    rows += [{"step": 1010, "seconds_per_step": 3.6}]
    lines = [json.dumps(row) for row in rows]
    (tmp_path / "metrics.jsonl").write_text("\n".join([*lines, lines[-1][:9]]))
    assert _hours(tmp_path) == pytest.approx(1.1)


def test_a_generator_without_trained_strengths_becomes_a_blend(
    tiny_generator, paths, tmp_path, style_folder
):
    info = CheckpointInfo("nijigan", tiny_generator.config, recipe={"strength": {"one": 1.0}})
    save_network(tiny_generator, info, tmp_path / "g.safetensors")
    style = export_style(open_source(tmp_path / "g.safetensors"), tmp_path / "out", CARD, of(paths))
    assert style.strength == "blend"
    assert load_style(style_folder).strength == "ode"
    engine = open_engine(style, "draft")
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, 32, 32)).astype(np.float32)
    photo, half, drawn = (engine.run(image, s, Cancel()) for s in (0.0, 0.5, 1.0))
    assert np.abs(photo - image).max() < 1e-6
    assert np.abs(half - (image + drawn) / 2).max() < 1e-5


def test_a_license_that_the_checkpoint_does_not_give_is_refused(tiny_generator, paths, tmp_path):
    info = CheckpointInfo("nijigan", tiny_generator.config, license="CC-BY-NC-4.0")
    save_network(tiny_generator, info, tmp_path / "g.safetensors")
    with pytest.raises(ExportError, match=r"the checkpoint's 'CC-BY-NC-4\.0'"):
        export_style(open_source(tmp_path / "g.safetensors"), tmp_path / "out", CARD, of(paths))


@pytest.mark.parametrize("name", card_names())
def test_every_packaged_card_loads(name):
    card = load_card(name)
    assert card.name == name
    assert card.limits
    assert card.training["data"]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("title = 'x'", "'name' is missing"),
        ("name = 'x'\ntitel = 'y'", "Did you mean 'title'"),
        ("name = 'x'\n[qualities]\ndraft = ['euler', 1]", "no quality 'normal'"),
        ("name = ", "not TOML"),
        ("name = 'x'\n[training]\ndate = 2026-11-28", "date is not JSON serializable. Write it in"),
        ("name = 'x'\n[halftone]\ncell = 6", "halftone is {'cell': 6}"),
        ("name = 'X'", r"card\.toml: the file has name 'X'"),
        ("name = 'x'\nauto = 'guidd'", "known: guided, native. Correct the card"),
        ("name = 'x'\nworking_short_side = 4", "which is not in 16…8192"),
        ("name = 'x'\n[halftone]\ncell_px=100\nangle_degrees=45\nline_px=4", "cell_px 100"),
        (
            "name = 'x'\n[qualities]\ndraft = 'euler'\nnormal = ['euler', 1]\nfine = ['rk4', 1]",
            "quality 'draft' is 'euler'",
        ),
    ],
)
def test_a_wrong_card_is_refused(tmp_path, text, fact):
    path = tmp_path / "card.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=fact):
        load_card(str(path))


def test_a_solver_that_is_none_is_refused():
    card = Card(name="x", qualities={"draft": "euler"})
    with pytest.raises(ConfigError, match="Write a solver and its steps"):
        card.solver("draft")


def test_a_card_is_utf_8_with_a_byte_order_mark_or_without(tmp_path):
    path = tmp_path / "card.toml"
    path.write_bytes("name = 'x'\ntitle = 'Été'\n".encode("utf-8-sig"))
    assert load_card(str(path)).title == "Été"
    path.write_bytes("name = 'x'\ntitle = 'Été'\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_card(str(path))


def test_a_card_that_no_one_wrote_takes_words_and_leaves_the_hash_to_its_place(tiny_generator):
    def of_data(data):
        return Source(tiny_generator, CheckpointInfo("nijigan", {}, data=data), 1, "ode")

    of_words = default_card("My Style", of_data("imported from x.pth"))
    assert (of_words.name, of_words.training["data"]) == ("my_style", "imported from x.pth")
    of_split = default_card("s", of_data("0a" * 32))
    assert of_split.training["data"] == "not stated."


def test_a_style_gives_its_generator_back(style_folder, tiny_generator, paths, tmp_path):
    source = open_source(style_folder)
    image = torch.rand(1, 3, 32, 48) * 2 - 1
    for solver in (Euler(1), RK4(2)):
        with torch.no_grad():
            tiny_generator.set_solver(solver)
            source.generator.set_solver(solver)
            difference = source.generator(image, 0.6) - tiny_generator(image, 0.6)
        assert difference.abs().max() < 1e-5
    again = export_style(source, tmp_path / "again", default_card("again", source), of(paths))
    first = load_style(style_folder)
    assert (again.name, again.title, again.limits) == ("again", first.title, first.limits)
    assert again.training == first.training
    assert again.generator == first.generator
    assert again.strength == first.strength
    assert again.qualities == first.qualities


def test_a_style_without_its_weights_is_not_opened_again(style_folder, tmp_path):
    style = load_style(style_folder)
    model = onnx.load(str(style.graph("normal")))
    model.graph.initializer[0].name = "renamed"
    folder = tmp_path / "style"
    folder.mkdir()
    onnx.save(model, str(folder / "normal.onnx"))
    with pytest.raises(ExportError, match=r"cannot be exported again: '.*' is not in it"):
        generator_of(replace(style, folder=folder))
