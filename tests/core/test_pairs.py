import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from nijigan.core.cli import build_app
from nijigan.core.datasets.pairs import PairSettings, make_pairs
from nijigan.core.datasets.photos import find_photos
from nijigan.core.datasets.recolored import recolored
from nijigan.core.datasets.split import frame_of, is_held_out, read_split
from nijigan.core.datasets.working_copy import Scales
from nijigan.core.errors import DataError
from nijigan.core.images import Picture, read_picture, read_size, write_picture
from nijigan.core.teachers.color import oklab_from_srgb

SETTINGS = PairSettings(scales=Scales((32,)), held_out=0.4, recolored=0)


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


def test_a_share_of_what_trains_is_drawn_recolored_too(photos, tmp_path):
    plain, twice = tmp_path / "plain", tmp_path / "twice"
    make(photos, plain)
    train, held_out = read_split(plain).train, read_split(plain).held_out
    assert make(photos, twice, replace(SETTINGS, recolored=1))[-1] == (5 + len(train),) * 2
    copies = tuple(f"{name}-recolored" for name in train)
    assert read_split(twice).train == train + copies
    assert read_split(twice).held_out == held_out
    for name, copy in zip(train, copies, strict=True):
        photo, other = (read_picture(twice / "photo" / f"{each}.png").rgb for each in (name, copy))
        drawn = read_picture(twice / "drawn" / f"{copy}.png").rgb
        assert photo.shape == other.shape == drawn.shape
        assert np.abs(photo.astype(int) - other).max() > 30
        assert np.abs(drawn.astype(int) - other).max() > 10
        assert frame_of(copy) == frame_of(name)
    with pytest.raises(DataError, match="other settings"):
        make(photos, twice)


def test_which_are_recolored_and_how_follows_from_their_names(photos, tmp_path):
    def copies(out, share):
        make(photos, out, replace(SETTINGS, held_out=0, recolored=share))
        return {path.name: path.read_bytes() for path in (out / "photo").glob("*-recolored.png")}

    every, some = copies(tmp_path / "every", 1), copies(tmp_path / "some", 0.5)
    assert 0 < len(some) < len(every) == 5
    assert some.items() < every.items()


def test_what_was_lighter_is_of_another_color():
    gray = np.full((32, 32, 3), 90, np.uint8)
    gray[:, 16:] = 170
    before = oklab_from_srgb(np.divide(gray, 255, dtype=np.float32))
    lightness = before[0, 16, 0] - before[0, 15, 0]
    for seed in range(20):
        rgb = recolored(gray, np.random.default_rng(seed))
        after = oklab_from_srgb(np.divide(rgb, 255, dtype=np.float32))
        step = np.abs(after[0, 16] - after[0, 15])
        assert np.hypot(*step[1:]) > 0.2 * lightness
        assert step[0] < 0.5 * lightness
        assert np.array_equal(rgb[:, :16], np.broadcast_to(rgb[0, 0], (32, 16, 3)))


def test_working_scale_and_limit_of_enlargement(photos, tmp_path):
    make(photos, tmp_path / "pairs")
    wide = read_picture(tmp_path / "pairs/photo/scenes-0.png")
    assert (wide.width, wide.height) == (53, 32)
    tall = read_picture(tmp_path / "pairs/photo/tall.png")
    assert (tall.width, tall.height) == (30, 135)  # 1.5 times, not 1.6


def test_further_scales_are_drawn_where_they_make_another_size(photos, tmp_path):
    out = tmp_path / "pairs"
    make(photos, out, replace(SETTINGS, scales=Scales((48, 32, 30))))
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
    make(photos, tmp_path / "pairs", replace(SETTINGS, scales=Scales((48, 32), min_side=36)))
    names = {path.stem for path in (tmp_path / "pairs/drawn").glob("*.png")}
    assert names == {"scenes-0", "scenes-1", "scenes-2", "scenes-3"}
    with pytest.raises(DataError, match="None of the 5 photos has 40 pixels"):
        make(photos, tmp_path / "none", PairSettings(scales=Scales(min_side=40)))


@pytest.mark.parametrize(
    "clashing", ["scenes-0.png", "scenes/0-30px.png", "scenes/0-recolored.png"]
)
def test_two_pictures_of_one_name_are_refused(photos, tmp_path, clashing):
    write_photo(photos / clashing)
    settings = replace(SETTINGS, scales=Scales((32, 30)), held_out=0, recolored=1)
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


def test_a_teacher_draws_in_new_processes_for_what_is_on_a_gpu_cannot_be_copied(
    photos, tmp_path, monkeypatch
):
    teacher = tmp_path / "mine.py"
    copied = "hasattr(__import__('sys'), 'only_here')"
    teacher.write_text(f"def draw(photo):\n    assert not {copied}\n    return photo\n")
    monkeypatch.setattr(sys, "only_here", True, raising=False)
    make(photos, tmp_path / "pairs", replace(SETTINGS, teacher=str(teacher)))


def test_a_killed_process_is_told_and_the_same_command_goes_on(photos, tmp_path):
    teacher = tmp_path / "mine.py"
    teacher.write_text("import os\ndef draw(photo):\n    os._exit(9)\n")
    with pytest.raises(DataError, match="A process that drew was killed"):
        make(photos, tmp_path / "pairs", replace(SETTINGS, teacher=str(teacher)))


def test_photos_that_a_run_did_not_begin_with_are_refused_before_the_list_is_changed(
    photos, tmp_path
):
    out = tmp_path / "pairs"
    make(photos, out)
    before = read_split(out)
    write_photo(photos / "new.png")
    with pytest.raises(DataError, match=r"1 \('new'\) came, none went"):
        list(make_pairs(photos, out, SETTINGS, began_with=before.sha256))
    assert read_split(out) == before
    list(make_pairs(photos, out, SETTINGS))
    assert "new" in read_split(out).train + read_split(out).held_out


def test_pairs_are_not_written_among_the_photos(photos):
    with pytest.raises(DataError, match="would be taken for photos"):
        make(photos, photos / "pairs")


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
        make(photos, tmp_path / "pairs", replace(SETTINGS, scales=Scales((48,))))


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
    arguments += ["--held-out", "0.4", "--jobs", "1"]
    refused = run(build_app(), arguments)
    assert "None of the 5 photos has 256 pixels" in str(refused.exception)
    result = run(build_app(), [*arguments, "--least-side", "24"])
    assert result.exit_code == 0, result.output
    listed = run(build_app(), ["pairs", "held-out", pairs]).stdout.split()
    assert listed
    assert all(line.startswith(pairs) for line in listed)
    measured = run(build_app(), ["eval", f"{pairs}/photo", "--data", pairs, "--json"])
    assert json.loads(measured.stdout)["photos"] == len(listed)
