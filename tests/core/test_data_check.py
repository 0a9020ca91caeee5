import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from nijigan.core.datasets.check import CheckSettings, check_data
from nijigan.core.datasets.pair_agreement import agreement
from nijigan.core.datasets.picture_hash import are_alike, find_alike, look_of
from nijigan.core.errors import DataError
from nijigan.core.images import Picture, write_picture
from nijigan.core.verbs.data import app


def scene(seed, width=96, height=64):
    """Soft blobs of color, as unlike for two seeds as photos are."""
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 12, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(blocks).resize((width, height), Image.Resampling.BICUBIC))


def write(path, pixels):
    write_picture(path, Picture(np.ascontiguousarray(pixels)))


def check(folder, crop=32, as_pairs=False):
    """All findings: what is wrong and where."""
    report = check_data(folder, CheckSettings(crop, as_pairs), lambda done, of: None)
    return [(finding.problem, *finding.files) for finding in report.findings]


@pytest.fixture
def pairs(tmp_path):
    """Four pairs without a fault: a drawing has a third of the contrast of its photo."""
    folder = tmp_path / "pairs"
    for i in range(4):
        write(folder / f"photo/p{i}.png", scene(i))
        write(folder / f"drawn/p{i}.png", scene(i) // 3 + 80)
    (folder / "split.json").write_text(json.dumps({"train": ["p0", "p1", "p2"], "val": ["p3"]}))
    return folder


def test_nothing_is_wrong_with_good_pairs(pairs):
    assert check(pairs) == []


def test_damage_and_small_pictures(pairs):
    (pairs / "photo/p0.png").write_bytes((pairs / "photo/p0.png").read_bytes()[:500])
    write(pairs / "photo/p1.png", scene(1, 96, 20))
    write(pairs / "drawn/p1.png", scene(1, 96, 20))
    assert check(pairs) == [
        ("unreadable", "photo/p0.png"),
        ("small", "photo/p1.png"),
        ("small", "drawn/p1.png"),
    ]
    assert check(pairs, crop=16) == [("unreadable", "photo/p0.png")]


def test_pairs_that_are_none(pairs):
    write(pairs / "drawn/p0.png", scene(0, 90))
    write(pairs / "drawn/p1.png", scene(50))
    write(pairs / "drawn/p2.png", np.roll(scene(2), (4, -6), (0, 1)))
    assert check(pairs) == [
        ("size", "photo/p0.png", "drawn/p0.png"),
        ("unrelated", "photo/p1.png", "drawn/p1.png"),
        ("misregistered", "photo/p2.png", "drawn/p2.png"),
    ]


def test_a_drawing_beside_its_photo_is_told_by_how_much():
    photo, large = scene(2, 128, 128), scene(2, 512, 512)
    assert agreement(photo, photo // 2 + 60).shift == (0, 0)
    assert agreement(photo, np.roll(photo, (4, -6), (0, 1))).shift == (-6, 4)
    right, down = agreement(large, np.roll(large, (9, 16), (0, 1))).shift
    assert abs(right - 16) <= 2
    assert abs(down - 9) <= 2


def test_edges_agree_whatever_the_colors_and_colors_wherever_the_edges():
    photo = scene(2)
    negative = agreement(photo, 255 - photo)
    assert negative.edges > 0.99
    assert negative.color > 0.25
    black, white = (np.full((64, 64, 3), level, np.uint8) for level in (0, 255))
    assert agreement(black, white).color == pytest.approx(1, abs=0.01)
    assert agreement(black, white).edges == 0
    assert agreement(photo, photo).color == 0


def test_a_gray_picture_among_ones_in_color(pairs):
    gray = np.repeat(scene(1)[..., :1], 3, axis=2)
    write(pairs / "photo/p1.png", gray)
    write(pairs / "drawn/p1.png", scene(1)[..., :1] // 3 + np.array([80, 80, 60], np.uint8))
    assert check(pairs) == [("gray", "photo/p1.png")]


def test_copies_on_one_side_and_on_two(pairs):
    write(pairs / "photo/p1.png", scene(0))
    write(pairs / "drawn/p1.png", scene(0))
    soft = Image.fromarray(scene(2)).resize((48, 32)).resize((96, 64))
    write(pairs / "photo/p3.png", np.asarray(soft))
    write(pairs / "drawn/p3.png", np.asarray(soft) // 2)
    assert check(pairs) == [
        ("duplicate", "photo/p0.png", "photo/p1.png"),
        ("leakage", "photo/p2.png", "photo/p3.png"),
    ]


def test_copies_of_one_frame_at_other_scales_are_no_duplicates(pairs):
    for kind, picture in (("photo", scene(0)), ("drawn", scene(0) // 2)):
        small = np.asarray(Image.fromarray(picture).resize((72, 48)))
        write(pairs / f"{kind}/p0-48px.png", small)
    names = {"train": ["p0", "p0-48px", "p1", "p2"], "val": ["p3"]}
    (pairs / "split.json").write_text(json.dumps(names))
    assert check(pairs) == []


def test_names_that_the_split_gets_wrong(pairs):
    split = {"train": ["p0", "p1", "p9"], "val": ["p3", "p1"]}
    (pairs / "split.json").write_text(json.dumps(split))
    (pairs / "drawn/p0.png").unlink()
    assert sorted(check(pairs)) == [
        ("leakage", "photo/p1"),
        ("missing", "drawn/p0"),
        ("missing", "photo/p9"),
        ("unnamed", "photo/p2.png"),
    ]
    (pairs / "split.json").write_text("{")
    assert ("split", "split.json") in check(pairs)


def test_crops_of_one_frame_on_both_sides(pairs):
    for folder in ("photo", "drawn"):
        for i, name in ((0, "sky-left"), (3, "sky-right")):
            (pairs / f"{folder}/p{i}.png").rename(pairs / f"{folder}/{name}.png")
    split = {"train": ["sky-left", "p1", "p2"], "val": ["sky-right"]}
    (pairs / "split.json").write_text(json.dumps(split))
    assert ("leakage", "photo/sky-left.png", "photo/sky-right.png") in check(pairs)


def test_other_layouts(tmp_path):
    letters = tmp_path / "letters"
    for i in range(3):
        write(letters / f"trainA/{i}.png", scene(i))
        write(letters / f"trainB/z{i}.png", scene(10 + i))
    write(letters / "testA/9.png", scene(1))
    assert check(letters) == [("leakage", "trainA/1.png", "testA/9.png")]
    (letters / "testA/9.png").unlink()
    (letters / "testA").rmdir()
    assert [problem for problem, *_ in check(letters, as_pairs=True)] == ["unrelated"] * 3
    (letters / "trainB/z2.png").unlink()
    assert check(letters, as_pairs=True) == [("counts", "trainA", "trainB")]

    halves = tmp_path / "halves"
    for side, i in (("train", 0), ("train", 1), ("val", 2)):
        write(halves / side / f"{i}.png", np.hstack([scene(i), scene(i) // 3 + 80]))
    write(halves / "val/3.png", np.hstack([scene(3), scene(4)]))
    assert check(halves) == [("unrelated", "val/3.png", "val/3.png")]

    celeba = tmp_path / "celeba"
    for i in range(3):
        write(celeba / f"img_align_celeba/{i}.png", scene(i % 2))
    (celeba / "list_eval_partition.txt").write_text("0.png 0\n1.png 0\n2.png 2\n7.png 1\n")
    assert check(celeba) == [
        ("missing", "img_align_celeba/7.png"),
        ("leakage", "img_align_celeba/0.png", "img_align_celeba/2.png"),
    ]


def test_pairs_beside_unpaired_pictures(tmp_path, pairs):
    both = tmp_path / "both"
    both.mkdir()
    pairs.rename(both / "pairs")
    for i in range(3):
        write(both / f"unpaired/trainA/{i}.png", scene(i + 1))
        write(both / f"unpaired/trainB/{i}.png", scene(20 + i))
    # Pictures may train in both; p3 is held out, and here it trains.
    assert check(both) == [("leakage", "pairs/photo/p3.png", "unpaired/trainA/2.png")]


def test_a_folder_of_pictures(tmp_path):
    for name, seed in (("a/x.png", 0), ("a/y.jpg", 1), ("b/x.png", 0)):
        write(tmp_path / name, scene(seed))
    assert check(tmp_path) == [("duplicate", "a/x.png", "b/x.png")]
    (tmp_path / "split.json").write_text(json.dumps({"train": ["a/x.png"], "val": ["b/x.png"]}))
    assert check(tmp_path) == [("unnamed", "a/y.jpg"), ("leakage", "a/x.png", "b/x.png")]
    with pytest.raises(DataError, match="is not a folder"):
        check(tmp_path / "none")


def test_pictures_that_look_the_same_are_found_and_no_others():
    pictures = [scene(seed) for seed in range(40)]
    image = Image.fromarray(pictures[7])
    again = [
        np.asarray(image.resize((50, 40), Image.Resampling.LANCZOS)),
        np.asarray(image.crop((1, 1, 95, 63))),
        (pictures[7] * 0.97).astype(np.uint8),
    ]
    looks = [look_of(picture) for picture in pictures + again]
    found = {pair for pair in find_alike(looks) if pair[0] == 7}
    assert found == {(7, 40), (7, 41), (7, 42)}
    assert all({a, b} <= {7, 40, 41, 42} for a, b in find_alike(looks))
    red, blue = (np.full((20, 20, 3), color, np.uint8) for color in ((250, 0, 0), (0, 0, 250)))
    assert are_alike(look_of(red), look_of(red[:10] - np.array([3, 0, 0], np.uint8)))
    assert not are_alike(look_of(red), look_of(blue))


def test_the_command_exits_with_one_if_something_is_wrong(pairs):
    run = CliRunner().invoke
    clean = run(app, ["check", str(pairs), "--crop", "32"])
    assert clean.exit_code == 0, clean.output
    assert "8 pictures, 4 pairs" in clean.stdout
    wrong = run(app, ["check", str(pairs), "--crop", "80", "--json"])
    assert wrong.exit_code == 1
    report = json.loads(wrong.stdout)
    assert report["counts"] == {"small": 8}
    assert report["findings"][0]["files"] == ["photo/p0.png"]
    assert report["findings"][0]["remedy"]
    assert report["measured"]["edges"]["min"] > 0.8
    shown = run(app, ["check", str(pairs), "--crop", "80"]).stdout
    assert "photo/p0.png" in shown
    assert "It is 96x64, smaller than the crop of 80." in shown
