import json

import numpy as np
import pytest
import torch
from PIL import Image

from nijigan.core.data import UnpairedPictures
from nijigan.core.data.jitter import color_matrix, jitter_colors
from nijigan.core.datasets.split import is_held_out
from nijigan.core.errors import DataError, ImageError

# Photos and drawings are told apart by red and blue, pictures of a kind by green.
RED, BLUE = 250, 120


def write(folder, names, color, size=(40, 32)):
    folder.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        rgb = (color, i * 20, 255 - color)
        Image.new("RGB", size, rgb).save(folder / f"{name}.png")


@pytest.fixture
def folder(tmp_path):
    """Six photos and three drawings, of which one each is held out."""
    folder = tmp_path / "pictures"
    write(folder / "photo", [f"p{i}" for i in range(6)], RED)
    write(folder / "drawn", [f"d{i}" for i in range(3)], BLUE, (33, 50))
    split = {
        "train": [*(f"photo/p{i}" for i in range(5)), "drawn/d0", "drawn/d1.png"],
        "val": ["photo/p5", "drawn/d2"],
    }
    (folder / "split.json").write_text(json.dumps(split))
    return folder


def open_pictures(folder, **changes):
    return UnpairedPictures(folder, **({"crop": 16, "batch": 4, "seed": 1} | changes))


def names(pictures):
    return [picture.name for picture in pictures]


def shown(batch):
    """Which pictures a batch has, by their green."""
    return [
        [round((float(crop[1].mean()) + 1) * 127.5) // 20 for crop in crops]
        for crops in (batch.photo, batch.drawn)
    ]


def test_a_batch_has_as_many_crops_of_each_kind(folder):
    batch = open_pictures(folder).batch_of(3)
    for crops, color in ((batch.photo, RED), (batch.drawn, BLUE)):
        assert crops.shape == (4, 3, 16, 16)
        torch.testing.assert_close(crops[:, 0], torch.full((4, 16, 16), color / 127.5 - 1))


def test_a_batch_depends_on_seed_and_step_alone(folder):
    one, other = open_pictures(folder), open_pictures(folder)
    for step in range(3):
        one.batch_of(step)
    assert shown(one.batch_of(7)) == shown(other.batch_of(7))
    runs = [
        [shown(pictures.batch_of(step)) for step in range(8)]
        for pictures in (one, open_pictures(folder, seed=2))
    ]
    assert runs[0] != runs[1]


def test_an_epoch_shows_every_picture_of_a_kind_once(folder):
    pictures = open_pictures(folder, batch=10)
    photos, drawings = shown(pictures.batch_of(0))
    assert sorted(photos) == sorted([*range(5)] * 2)
    assert sorted(drawings) == sorted([0, 1] * 5)


def test_the_orders_of_photos_and_drawings_have_nothing_in_common(tmp_path):
    for kind, color in (("photo", RED), ("drawn", BLUE)):
        write(tmp_path / kind, [f"x{i}" for i in range(10)], color)
    (tmp_path / "split.json").write_text(
        json.dumps({"train": [f"x{i}" for i in range(10)], "val": []})
    )
    photos, drawings = shown(open_pictures(tmp_path, batch=10).batch_of(0))
    assert sorted(photos) == sorted(drawings) == [*range(10)]
    assert photos != drawings


def test_a_split_file_says_what_is_held_out(folder):
    pictures = open_pictures(folder)
    assert names(pictures.photo.train) == [f"p{i}" for i in range(5)]
    assert names(pictures.drawn.train) == ["d0", "d1"]
    assert names(pictures.photo.val) == ["p5"]
    assert names(pictures.drawn.val) == names(pictures.drawn.shown) == ["d2"]
    assert pictures.summary == ("5 photos and 2 drawings to train on, 1 and 1 held out")


def test_without_a_split_file_the_names_decide(folder):
    (folder / "split.json").unlink()
    write(folder / "photo", [f"p{i}" for i in range(60)], RED)
    pictures = open_pictures(folder)
    held_out = [name for name in sorted(f"p{i}" for i in range(60)) if is_held_out(name, 0.1)]
    assert held_out
    assert names(pictures.photo.val) == held_out
    assert not set(names(pictures.photo.train)) & set(held_out)


def test_a_folder_of_pairs_can_be_used_too(pairs_folder):
    pictures = UnpairedPictures(pairs_folder, 16, 2)
    assert names(pictures.photo.train) == names(pictures.drawn.train) == ["p0", "p1", "p2", "p3"]
    assert names(pictures.photo.val) == names(pictures.drawn.val) == ["p4"]


@pytest.mark.parametrize(
    ("folders", "held_out"),
    [(("test",), "test"), (("val",), "val"), (("test", "val"), "val"), ((), None)],
)
def test_the_folders_of_cyclegan_are_taken_as_they_are(tmp_path, folders, held_out):
    for letter, color in (("A", RED), ("B", BLUE)):
        write(tmp_path / f"train{letter}", [f"{letter}1", f"{letter}2"], color)
        for name in folders:
            write(tmp_path / f"{name}{letter}", [f"{name}-{letter}"], color)
    pictures = open_pictures(tmp_path)
    assert names(pictures.photo.train) == ["A1", "A2"]
    assert names(pictures.drawn.train) == ["B1", "B2"]
    assert names(pictures.drawn.val) == ([f"{held_out}-B"] if held_out else [])
    assert names(pictures.drawn.shown) == ([f"{held_out}-B"] if held_out else ["B1", "B2"])


def test_the_hash_of_the_split_is_of_kinds_and_names(folder):
    known = open_pictures(folder).split_sha256
    split = json.loads((folder / "split.json").read_text())
    for key in ("train", "val"):
        split[key].reverse()
    (folder / "split.json").write_text(json.dumps(split))
    assert open_pictures(folder).split_sha256 == known
    split["val"].remove("drawn/d2")
    (folder / "split.json").write_text(json.dumps(split))
    assert open_pictures(folder).split_sha256 != known


def test_pictures_may_be_as_small_as_the_crop_and_of_any_size_from_there(tmp_path):
    for kind, color in (("photo", RED), ("drawn", BLUE)):
        for size in ((16, 16), (17, 16), (16, 90)):
            write(tmp_path / kind, [f"{size[0]}x{size[1]}"], color, size)
    (tmp_path / "split.json").write_text(
        json.dumps({"train": ["16x16", "17x16", "16x90"], "val": []})
    )
    assert open_pictures(tmp_path).batch_of(0).photo.shape == (4, 3, 16, 16)


@pytest.mark.parametrize("kind", ["photo", "drawn"])
def test_a_picture_smaller_than_the_crop_is_an_error(folder, kind):
    Image.new("RGB", (40, 15)).save(folder / kind / f"{kind[0]}0.png")
    with pytest.raises(DataError, match=f"{kind[0]}0 is 40x15, smaller than the crop of 16"):
        open_pictures(folder)


def test_what_is_missing_is_named(folder, tmp_path):
    with pytest.raises(DataError, match="neither 'photo/' and 'drawn/' nor 'trainA/'"):
        open_pictures(tmp_path)
    (folder / "drawn" / "d1.png").unlink()
    with pytest.raises(DataError, match=r"drawn/d1\.png is missing"):
        open_pictures(folder)
    (folder / "split.json").write_text('{"train": ["photo/p0"], "val": []}')
    with pytest.raises(DataError, match="no drawn to train on"):
        open_pictures(folder)
    (folder / "photo" / "p0.png").write_bytes(b"no picture")
    (folder / "split.json").write_text('{"train": ["photo/p0", "drawn/d0"], "val": []}')
    with pytest.raises(ImageError, match=r"p0\.png"):
        open_pictures(folder)


def test_jitter_keeps_grays_gray_and_turns_red_to_green():
    gray = np.full(3, 0.3)
    np.testing.assert_allclose(color_matrix(0.7, 1.4) @ gray, gray)
    np.testing.assert_allclose(color_matrix(0, 1), np.eye(3), atol=1e-12)
    np.testing.assert_allclose(color_matrix(2 * np.pi / 3, 1) @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(color_matrix(1, 0) @ [0.6, 0.3, 0], gray)


def test_jitter_is_of_each_picture_and_of_the_random_numbers_alone():
    pictures = (torch.rand(1, 3, 4, 4) * 2 - 1).expand(2, 3, 4, 4)
    choices = 2 * torch.rand(2, 3, generator=torch.Generator().manual_seed(3)) - 1
    one, other = (jitter_colors(pictures, 1.0, choices) for _ in range(2))
    assert torch.equal(one, other)
    assert not torch.allclose(one[0], one[1], atol=0.05)
    assert one.abs().max() <= 1
    torch.testing.assert_close(jitter_colors(pictures, 0.0, choices), pictures)
