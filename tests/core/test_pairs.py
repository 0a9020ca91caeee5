import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from nijigan.core.cli import build_app
from nijigan.core.datasets.pairs import PairSettings, make_pairs
from nijigan.core.datasets.photos import find_photos
from nijigan.core.datasets.shapes import shapes
from nijigan.core.datasets.split import is_held_out, read_split
from nijigan.core.datasets.working_copy import Scales
from nijigan.core.errors import DataError
from nijigan.core.images import Picture, read_picture, read_size, write_picture
from nijigan.core.teachers.color import oklab_from_srgb

SETTINGS = PairSettings(scales=Scales((32,)), held_out=0.4)


def write_photo(path, width=40, height=24, seed=0):
    rgb = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    write_picture(path, Picture(rgb))


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for i in range(4):
        write_photo(folder / "scenes" / f"{i}.png", seed=i)
    write_photo(folder / "tall.jpg", width=20, height=90)
    return folder


def make(photos, out, settings=SETTINGS):
    return list(make_pairs(photos, out, settings))


def test_photos_are_named_after_their_place(photos):
    names = [pair.name for pair in find_photos(photos)]
    assert names == ["scenes-0", "scenes-1", "scenes-2", "scenes-3", "tall"]


def test_two_photos_of_one_name_are_refused(photos):
    write_photo(photos / "scenes-1.png")
    with pytest.raises(DataError, match="would both be the pair 'scenes-1'"):
        find_photos(photos)


def test_pairs_match_and_every_photo_is_in_one_split(photos, tmp_path):
    steps = make(photos, tmp_path / "pairs")
    assert steps[-1] == (5, 5)
    split = json.loads((tmp_path / "pairs/split.json").read_text())
    assert split["sha256"] == read_split(tmp_path / "pairs").sha256
    assert sorted(split["train"] + split["val"]) == [pair.name for pair in find_photos(photos)]
    for name in split["train"] + split["val"]:
        photo = read_picture(tmp_path / "pairs/photo" / f"{name}.png")
        drawn = read_picture(tmp_path / "pairs/drawn" / f"{name}.png")
        assert photo.rgb.shape == drawn.rgb.shape
        assert np.abs(photo.rgb.astype(int) - drawn.rgb).max() > 10


def test_shapes_are_drawn_too_to_learn_from(photos, tmp_path):
    out, settings = tmp_path / "pairs", replace(SETTINGS, shapes=3)
    assert make(photos, out, settings)[-1] == (8, 8)
    with_shapes, without = read_split(out), tmp_path / "without"
    make(photos, without)
    names = ("shapes-0000", "shapes-0001", "shapes-0002")
    assert with_shapes.train == read_split(without).train + names
    assert with_shapes.held_out == read_split(without).held_out
    first, second = (read_picture(out / "photo" / f"{name}.png").rgb for name in names[:2])
    assert np.array_equal(first, shapes(0))
    assert not np.array_equal(first, second)
    with pytest.raises(DataError, match="other settings"):
        make(photos, out)


def test_shapes_have_edges_of_color_alone():
    lab = oklab_from_srgb(np.divide(shapes(7), 255, dtype=np.float32))
    step = np.abs(np.diff(lab, axis=1))
    colored = np.hypot(step[..., 1], step[..., 2]) > 0.1
    assert colored.sum() > 200
    assert (step[..., 0][colored] < 0.03).mean() > 0.3


def test_working_scale_and_limit_of_enlargement(photos, tmp_path):
    make(photos, tmp_path / "pairs")
    wide = read_picture(tmp_path / "pairs/photo/scenes-0.png")
    assert (wide.width, wide.height) == (53, 32)
    tall = read_picture(tmp_path / "pairs/photo/tall.png")
    assert (tall.width, tall.height) == (30, 135)  # 1.5 times, not 1.6


def test_further_scales_are_drawn_where_they_make_another_size(photos, tmp_path):
    out = tmp_path / "pairs"
    make(photos, out, PairSettings(scales=Scales((48, 32, 30)), held_out=0.4))
    sizes = {path.stem: read_size(path) for path in (out / "drawn").glob("*.png")}
    assert {name: size for name, size in sizes.items() if "tall" in name or "-0" in name} == {
        "scenes-0": (60, 36),  # 1.5 times, not twice
        "scenes-0-32px": (53, 32),
        "scenes-0-30px": (50, 30),
        "tall": (30, 135),  # at each scale
    }
    split = read_split(out)
    for part in (split.train, split.held_out):
        assert {name for name in part if name.endswith("px")} == {
            f"{name}-{side}px" for name in part if name[-1].isdigit() for side in (32, 30)
        }


def test_copies_that_stay_too_small_are_left_out(photos, tmp_path):
    make(photos, tmp_path / "pairs", PairSettings(scales=Scales((48, 32), min_side=36)))
    names = {path.stem for path in (tmp_path / "pairs/drawn").glob("*.png")}
    assert names == {"scenes-0", "scenes-1", "scenes-2", "scenes-3"}
    with pytest.raises(DataError, match="None of the 5 photos has 40 pixels"):
        make(photos, tmp_path / "none", PairSettings(scales=Scales(min_side=40)))


@pytest.mark.parametrize("clashing", ["scenes-0.png", "scenes/0-30px.png", "shapes/0000.png"])
def test_two_pictures_of_one_name_are_refused(photos, tmp_path, clashing):
    write_photo(photos / clashing)
    settings = replace(SETTINGS, scales=Scales((32, 30)), shapes=1)
    with pytest.raises(DataError, match="would both be"):
        make(photos, tmp_path / "pairs", settings)
    assert not (tmp_path / "pairs").exists()


FROM_A_FILE = """
from pathlib import Path
with Path(__file__).with_suffix(".log").open("a") as log:
    log.write("run ")
def draw(photo):
    return photo
"""


def test_a_teacher_of_a_file_is_run_once_and_not_for_each_photo(photos, tmp_path):
    teacher = tmp_path / "mine.py"
    teacher.write_text(FROM_A_FILE)
    make(photos, tmp_path / "pairs", replace(SETTINGS, teacher=str(teacher)))
    # Here, to tell what is wrong with it at once, and by whom draws.
    assert teacher.with_suffix(".log").read_text().split() == ["run", "run"]


def test_a_teacher_that_is_edited_while_it_draws_is_refused(photos, tmp_path):
    teacher = tmp_path / "mine.py"
    teacher.write_text(FROM_A_FILE)
    drawing = make_pairs(photos, tmp_path / "pairs", replace(SETTINGS, teacher=str(teacher)))
    assert next(drawing) == (0, 5)
    teacher.write_text(FROM_A_FILE.replace("return photo", "return 1 - photo"))
    with pytest.raises(DataError, match="was edited while pairs were drawn"):
        list(drawing)


def test_an_interrupted_run_goes_on_where_it_stopped(photos, tmp_path):
    out = tmp_path / "pairs"
    make(photos, out)
    kept = (out / "drawn/scenes-1.png").stat().st_mtime_ns
    (out / "drawn/scenes-2.png").unlink()
    assert make(photos, out)[0] == (4, 5)
    assert (out / "drawn/scenes-2.png").exists()
    assert (out / "drawn/scenes-1.png").stat().st_mtime_ns == kept


def test_pairs_of_other_settings_are_not_mixed(photos, tmp_path):
    make(photos, tmp_path / "pairs")
    with pytest.raises(DataError, match="made with other settings"):
        make(photos, tmp_path / "pairs", PairSettings(scales=Scales((48,))))


@pytest.mark.parametrize("text", ["{", "[]", '{"train": ["a"], "val": []}'])
def test_pairs_are_not_added_to_ones_of_unknown_settings(photos, tmp_path, text):
    (tmp_path / "pairs").mkdir()
    (tmp_path / "pairs/split.json").write_text(text)
    with pytest.raises(DataError, match=r"split\.json does not say how its pairs were made"):
        make(photos, tmp_path / "pairs")


def test_new_photos_do_not_move_old_ones_between_the_splits():
    names = [f"photo{i}" for i in range(400)]
    held_out = {name for name in names if is_held_out(name, 0.1)}
    assert 20 < len(held_out) < 60
    assert held_out < {name for name in names if is_held_out(name, 0.2)}


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(DataError, match="has no photos"):
        find_photos(tmp_path)
    with pytest.raises(DataError, match="is not a folder"):
        find_photos(tmp_path / "none")


def test_pairs_of_other_formats_are_listed(photos, tmp_path):
    pairs = tmp_path / "pairs"
    make(photos, pairs)
    for name in read_split(pairs).held_out:
        for kind in ("photo", "drawn"):
            path = pairs / kind / f"{name}.png"
            write_picture(path.with_suffix(".tif"), read_picture(path))
            path.unlink()
    listed = CliRunner().invoke(build_app(), ["pairs", "held-out", str(pairs)]).stdout.split()
    assert listed
    assert all(line.endswith(".tif") for line in listed)


def test_the_commands_make_list_and_measure(photos, tmp_path):
    run = CliRunner().invoke
    pairs = str(tmp_path / "pairs")
    arguments = ["pairs", "make", str(photos), "-o", pairs, "--short-side", "32"]
    result = run(build_app(), [*arguments, "--held-out", "0.4", "--jobs", "1"])
    assert result.exit_code == 0, result.output
    listed = run(build_app(), ["pairs", "held-out", pairs]).stdout.split()
    assert listed
    assert all(line.startswith(pairs) for line in listed)
    measured = run(build_app(), ["eval", f"{pairs}/photo", "--data", pairs, "--json"])
    assert json.loads(measured.stdout)["photos"] == len(listed)
