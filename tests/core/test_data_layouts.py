import json

import numpy as np
import pytest
import torch
from PIL import Image

from nijigan.core.data import (
    Batch,
    PairedPictures,
    PictureStore,
    PlainPictures,
    SemiBatch,
    SemiPictures,
)
from nijigan.core.datasets.split import frame_of, is_held_out
from nijigan.core.errors import DataError


def write(path, color, size=(24, 20)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path)


def names(pictures):
    return [picture.name for picture in pictures]


# Pairs


@pytest.fixture
def facades(tmp_path):
    """Three files to train on and two held out: a red picture at the left, a blue one right."""
    for i, place in enumerate(["train/1", "train/2", "train/3", "val/1", "val/2"]):
        both = np.zeros((20, 48, 3), np.uint8)
        both[:, :24] = (250, 10 * i, 0)
        both[:, 24:] = (0, 10 * i, 250)
        (tmp_path / place).parent.mkdir(exist_ok=True)
        Image.fromarray(both).save(tmp_path / f"{place}.png")
    return tmp_path


@pytest.mark.parametrize(("direction", "photo"), [("AtoB", 0), ("BtoA", 2)])
def test_pictures_side_by_side_are_pairs(facades, direction, photo):
    pictures = PairedPictures(facades, 16, 4, direction=direction)
    assert names(pictures.train) == ["1", "2", "3"]
    assert names(pictures.val) == ["1", "2"]
    for pair in (*pictures.train, *pictures.val):
        assert pair.photo.shape == pair.drawn.shape == (20, 24, 3)
        assert pair.photo[..., photo].min() == pair.drawn[..., 2 - photo].min() == 250
        assert pair.photo[..., 1].max() == pair.drawn[..., 1].max()
    batch = pictures.batch_of(0)
    assert batch.photo.shape == (4, 3, 16, 16)
    assert batch.photo[:, photo].min() > 0.9
    torch.testing.assert_close(batch.photo[:, 1], batch.drawn[:, 1])


def test_pictures_side_by_side_are_held_out_in_test_where_there_is_no_val(facades):
    (facades / "val").rename(facades / "test")
    assert names(PairedPictures(facades, 16, 1).val) == ["1", "2"]


def test_an_odd_width_is_not_that_of_two_pictures(facades):
    write(facades / "train/4.png", "red", (47, 20))
    with pytest.raises(DataError, match=r"4\.png is 47x20: an odd width"):
        PairedPictures(facades, 16, 1)


def test_a_direction_is_one_of_two(facades):
    with pytest.raises(DataError, match="The direction is 'AB'"):
        PairedPictures(facades, 16, 1, direction="AB")


@pytest.fixture
def scenimefy(tmp_path):
    """Pairs by order whose names differ; green tells which belong together."""
    for i in range(4):
        write(tmp_path / f"trainA/seed{i}.png", (250, 10 * i, 0))
        write(tmp_path / f"trainB/drawn{i}.png", (0, 10 * i, 250))
    write(tmp_path / "testA/s.png", (250, 90, 0))
    write(tmp_path / "testB/s.png", (0, 90, 250))
    return tmp_path


def test_pairs_may_be_matched_by_their_order(scenimefy):
    pictures = PairedPictures(scenimefy, 16, 4)
    assert names(pictures.train) == ["seed0", "seed1", "seed2", "seed3"]
    assert names(pictures.val) == ["s"]
    batch = pictures.batch_of(2)
    assert batch.photo[:, 0].min() > 0.9
    torch.testing.assert_close(batch.photo[:, 1], batch.drawn[:, 1])


def test_the_hash_of_pairs_by_order_is_of_photos_and_drawings(scenimefy):
    known = PairedPictures(scenimefy, 16, 1).split_sha256
    (scenimefy / "trainB/drawn3.png").rename(scenimefy / "trainB/other3.png")
    assert PairedPictures(scenimefy, 16, 1).split_sha256 != known


def test_pairs_by_order_must_be_as_many_and_of_one_size(scenimefy):
    write(scenimefy / "trainB/drawn3.png", "blue", (20, 24))
    with pytest.raises(DataError, match="'seed3' differ in size: 24x20 and 20x24"):
        PairedPictures(scenimefy, 16, 1)
    (scenimefy / "trainB/drawn3.png").unlink()
    with pytest.raises(DataError, match="4 photos and 3 drawings to train on"):
        PairedPictures(scenimefy, 16, 1)
    write(scenimefy / "trainB/drawn3.png", "blue")
    write(scenimefy / "testA/s2.png", "red")
    with pytest.raises(DataError, match="2 photos and 1 drawings to hold out"):
        PairedPictures(scenimefy, 16, 1)


def test_a_folder_without_pairs_is_refused(tmp_path):
    with pytest.raises(DataError, match="has no pairs"):
        PairedPictures(tmp_path, 16, 1)


def test_small_pictures_are_taken_once_they_are_enlarged(facades):
    with pytest.raises(DataError, match="24x20, smaller than the crop of 32"):
        PairedPictures(facades, 32, 2)
    batch = PairedPictures(facades, 32, 2, store=PictureStore(load=40)).batch_of(0)
    assert batch.photo.shape == (2, 3, 32, 32)


# Pictures of one kind


def test_any_folder_has_pictures_of_one_kind(tmp_path):
    for i in range(40):
        write(tmp_path / f"sub{i % 2}/p{i}.png", (6 * i, 0, 0))
    pictures = PlainPictures(tmp_path, 16, 5)
    held_out = names(pictures.val)
    assert held_out
    assert all(is_held_out(name, 0.1) for name in held_out)
    assert len(pictures.train) + len(held_out) == 40
    assert "sub0-p0" in names(pictures.train) + held_out
    assert (
        pictures.summary == f"{40 - len(held_out)} pictures to train on, {len(held_out)} held out"
    )
    batch = pictures.batch_of(1)
    assert batch.photo.shape == (5, 3, 16, 16)
    assert torch.equal(batch.photo, batch.drawn)
    assert torch.equal(batch.photo, PlainPictures(tmp_path, 16, 5).batch_of(1).photo)
    assert not torch.equal(batch.photo, pictures.batch_of(2).photo)


def test_a_split_file_says_which_pictures_of_one_kind_are_held_out(tmp_path):
    for name in ("a/1", "a/2", "b"):
        write(tmp_path / f"{name}.png", "red")
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"train": ["a/1.png", "b"], "val": ["a-2"]}))
    pictures = PlainPictures(tmp_path, 16, 1)
    assert names(pictures.train) == ["a-1", "b"]
    assert names(pictures.val) == names(pictures.shown) == ["a-2"]
    split.write_text(json.dumps({"train": ["a/1", "c"], "val": []}))
    with pytest.raises(DataError, match=r"c is missing\. Correct split\.json"):
        PlainPictures(tmp_path, 16, 1)


@pytest.fixture
def celeba(tmp_path):
    for i in range(5):
        write(tmp_path / f"img_align_celeba/00000{i}.jpg", (50 * i, 0, 0), (178, 218))
    lines = [f"00000{i}.jpg {part}\n" for i, part in enumerate("00112")]
    (tmp_path / "list_eval_partition.txt").write_text("".join(lines))
    return tmp_path


def test_celeba_is_divided_as_its_list_says(celeba):
    pictures = PlainPictures(celeba, 128, 2, store=PictureStore(load=128, center=True))
    assert names(pictures.train) == ["000000", "000001"]
    assert names(pictures.val) == ["000002", "000003"]
    assert pictures.val[0].pixels.shape == (128, 128, 3)
    assert pictures.batch_of(0).photo.shape == (2, 3, 128, 128)


def test_what_celebas_list_has_wrong_is_named(celeba):
    path = celeba / "list_eval_partition.txt"
    path.write_text("000000.jpg 0\n000009.jpg 1\n")
    with pytest.raises(DataError, match=r"000009\.jpg is missing"):
        PlainPictures(celeba, 16, 1)
    path.write_text("000000.jpg 0\n000001.jpg 3\n")
    with pytest.raises(DataError, match=r"line 2: '000001\.jpg 3'"):
        PlainPictures(celeba, 16, 1)
    path.write_text("000000.jpg 1\n")
    with pytest.raises(DataError, match="no pictures to train on"):
        PlainPictures(celeba, 16, 1)


# Pairs and unpaired pictures


def semi_folder(folder, pairs="pairs", unpaired="unpaired"):
    for place, count in ((pairs, 6), (unpaired, 6)):
        for i in range(count):
            for letter in "AB":
                pixels = np.random.default_rng((i, ord(letter), count)).integers(
                    0, 256, (60, 70, 3)
                )
                path = folder / place / f"train{letter}" / f"{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels.astype(np.uint8)).save(path)
    return folder


@pytest.mark.parametrize("places", [("pairs", "unpaired"), ("pair_s2a", "unpaired_s2a")])
def test_a_batch_has_as_many_pairs_as_unpaired_pictures(tmp_path, places):
    pictures = SemiPictures(semi_folder(tmp_path, *places), 16, 3)
    batch = pictures.batch_of(1)
    assert isinstance(batch, SemiBatch)
    assert len(batch) == len(batch.paired) == len(batch.unpaired) == 3
    assert pictures.summary == (
        "6 training pairs, 0 held out; 6 photos and 6 drawings to train on, 0 and 0 held out"
    )


def test_pairs_and_unpaired_photos_come_in_different_orders(tmp_path):
    # The same photos are in both: one order of crops would show each twice in one batch.
    pictures = SemiPictures(semi_folder(tmp_path), 16, 6)
    batch = pictures.batch_of(0)
    assert not torch.equal(batch.paired.photo, batch.unpaired.photo)


def test_the_hash_of_both_splits_is_of_each(tmp_path):
    semi_folder(tmp_path)
    known = {SemiPictures(tmp_path, 16, 1).split_sha256}
    (tmp_path / "unpaired/trainB/5.png").rename(tmp_path / "unpaired/trainB/x.png")
    known.add(SemiPictures(tmp_path, 16, 1).split_sha256)
    (tmp_path / "pairs/trainA/5.png").rename(tmp_path / "pairs/trainA/x.png")
    known.add(SemiPictures(tmp_path, 16, 1).split_sha256)
    assert len(known) == 3


def test_of_pairs_alone_the_drawings_of_other_photos_are_unpaired(tmp_path):
    folder = semi_folder(tmp_path) / "pairs"
    with pytest.raises(DataError, match="nor 'photo/' and 'drawn/'"):
        SemiPictures(folder, 16, 1)
    for letter, kind in (("A", "photo"), ("B", "drawn")):
        (folder / f"train{letter}").rename(folder / kind)
    names = [f"{i}" for i in range(6)]
    (folder / "split.json").write_text(json.dumps({"train": names, "val": []}))
    pictures = SemiPictures(folder, 16, 6)
    assert pictures.split_sha256 == PairedPictures(folder, 16, 1).split_sha256
    batch = pictures.batch_of(0)
    assert not torch.equal(batch.paired.photo, batch.unpaired.photo)
    assert not torch.equal(batch.paired.drawn, batch.unpaired.drawn)


def test_both_folders_must_be_there(tmp_path):
    (tmp_path / "pairs").mkdir()
    with pytest.raises(DataError, match="has neither 'pairs/' and 'unpaired/' nor 'pair_s2a/'"):
        SemiPictures(tmp_path, 16, 1)


def test_batches_are_cut_and_changed_as_a_whole():
    numbers = torch.arange(4.0).view(4, 1, 1, 1)
    batch = SemiBatch(Batch(numbers, numbers + 10), Batch(numbers + 20, numbers + 30))
    cut = batch[1:3].apply(lambda tensor: -tensor)
    assert len(cut) == 2
    shown = [
        tensor.flatten().tolist()
        for half in (cut.paired, cut.unpaired)
        for tensor in (half.photo, half.drawn)
    ]
    assert shown == [[-1, -2], [-11, -12], [-21, -22], [-31, -32]]


# Crops of one frame


@pytest.mark.parametrize("name", ["sky5-left", "sky5_center", "sky5.RIGHT", "sky5_crop12"])
def test_crops_are_told_from_their_frame(name):
    assert frame_of(name) == "sky5"


@pytest.mark.parametrize("name", ["sky5", "left", "sky-leftover", "scenes-crop"])
def test_other_names_are_their_own_frame(name):
    assert frame_of(name) == name


def test_crops_of_one_frame_are_on_one_side():
    for i in range(200):
        crops = {is_held_out(f"f{i}{crop}", 0.5) for crop in ("", "-left", "-center", "-right")}
        assert len(crops) == 1
