import json

import numpy as np
import pytest
import torch
from PIL import Image

from nijigan.core.data import PairedPictures
from nijigan.core.datasets.pair import find_picture, read_pair
from nijigan.core.datasets.split import Split, read_split
from nijigan.core.errors import DataError, ImageError
from nijigan.core.images import SUFFIXES, Picture, write_picture


def open_pairs(folder, **changes):
    return PairedPictures(folder, **({"crop": 16, "batch": 3, "seed": 1} | changes))


def test_photo_and_drawing_are_cut_and_mirrored_alike(pairs_folder):
    pictures = open_pairs(pairs_folder)
    for step in range(5):
        batch = pictures.batch_of(step)
        assert batch.photo.shape == (3, 3, 16, 16)
        # The drawing is the inverted photo.
        torch.testing.assert_close(batch.drawn, -batch.photo, rtol=0, atol=1e-6)


def test_a_batch_depends_on_seed_and_step_alone(pairs_folder):
    one, other = open_pairs(pairs_folder), open_pairs(pairs_folder)
    for step in range(3):
        one.batch_of(step)
    assert torch.equal(one.batch_of(7).photo, other.batch_of(7).photo)
    assert not torch.equal(one.batch_of(7).photo, one.batch_of(8).photo)
    assert not torch.equal(
        one.batch_of(7).photo, open_pairs(pairs_folder, seed=2).batch_of(7).photo
    )


def test_an_epoch_shows_every_pair_once_where_all_are_of_one_size(pairs_folder):
    # Crops as large as the pictures' height show where a picture is from.
    pictures = open_pairs(pairs_folder, crop=40, batch=4, flip=False)
    shown = pictures.batch_of(3).photo
    rows = torch.stack(
        [
            torch.from_numpy(pair.photo[:, 20].astype(np.float32) / 127.5 - 1).T
            for pair in pictures.train
        ]
    )  # (pairs, 3, 40): column 20 is in every crop of 40 of 48
    found = [
        int((shown[i].unsqueeze(0) - rows[..., None]).abs().sum((1, 2)).amin(1).argmin())
        for i in range(4)
    ]
    assert sorted(found) == [0, 1, 2, 3]


def test_a_picture_of_twice_the_area_is_shown_twice_an_epoch(pairs_folder):
    for kind in ("photo", "drawn"):
        Image.new("RGB", (96, 40), "red").save(pairs_folder / kind / "p0.png")
    pictures = open_pairs(pairs_folder, batch=5)
    for epoch in range(3):
        crops = pictures.batch_of(epoch).photo
        red = [torch.equal(crop[0], torch.ones(16, 16)) and crop[1:].eq(-1).all() for crop in crops]
        assert sum(map(bool, red)) == 2


def test_what_is_held_out_is_not_trained_on(pairs_folder):
    pictures = open_pairs(pairs_folder)
    assert [pair.name for pair in pictures.train] == ["p0", "p1", "p2", "p3"]
    assert [pair.name for pair in pictures.val] == ["p4"]
    assert pictures.split_sha256 == read_split(pairs_folder).sha256


def test_a_missing_drawing_is_named(pairs_folder):
    (pairs_folder / "drawn" / "p2.png").unlink()
    with pytest.raises(DataError, match=r"drawn/p2 is missing"):
        open_pairs(pairs_folder)


def test_a_damaged_picture_is_named(pairs_folder):
    (pairs_folder / "photo" / "p2.png").write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"p2\.png"):
        open_pairs(pairs_folder)


def test_a_drawing_of_another_size_is_an_error(pairs_folder):
    Image.new("RGB", (44, 40)).save(pairs_folder / "drawn" / "p1.png")
    with pytest.raises(DataError, match="'p1' differ in size: 48x40 and 44x40"):
        open_pairs(pairs_folder)


def test_a_picture_smaller_than_the_crop_is_an_error(pairs_folder):
    with pytest.raises(DataError, match="48x40, smaller than the crop of 64"):
        open_pairs(pairs_folder, crop=64)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "no pairs"),
        ('{"train": [], "val": []}', "no pairs"),
        ('{"train": ["p0"], "val": 5}', "'val' is not a list of names"),
        ('{"train": "p0", "val": []}', "'train' is not a list of names"),
        ('{"train": [0], "val": []}', "'train' is not a list of names"),
    ],
)
def test_a_split_that_cannot_be_used_is_an_error(pairs_folder, text, message):
    path = pairs_folder / "split.json"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(DataError, match=message):
        open_pairs(pairs_folder)


def test_names_may_have_their_suffix(pairs_folder):
    split = {"train": ["p0.png"], "val": []}
    (pairs_folder / "split.json").write_text(json.dumps(split))
    assert open_pairs(pairs_folder).train[0].name == "p0.png"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_pair_may_be_of_any_format(tmp_path, suffix):
    for kind in ("photo", "drawn"):
        write_picture(tmp_path / kind / f"p{suffix}", Picture(np.zeros((16, 20, 3), np.uint8)))
    assert read_pair(tmp_path, "p").photo.shape == (16, 20, 3)
    assert find_picture(tmp_path / "photo", "p") == tmp_path / "photo" / f"p{suffix}"


def test_the_hash_of_a_split_is_of_its_names(pairs_folder):
    # sha256 of "train a\ntrain b\nval c"
    known = "248dca75a6585cfb70f751d00679ab89dbf576edd461492756f56d57da6bc94e"
    assert Split(("b", "a"), ("c",)).sha256 == known
    path = pairs_folder / "split.json"
    path.write_text(json.dumps({"train": ["a", "b"], "val": ["c"], "sha256": "of another split"}))
    assert read_split(pairs_folder).sha256 == known
    assert Split(("a", "b", "c"), ()).sha256 != known
