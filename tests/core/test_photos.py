import os

import numpy as np
import pytest

from nijigan.core.data import PictureStore
from nijigan.core.data.store import PictureFile
from nijigan.core.datasets.photos import find_photos, read_photo, refuse_inside
from nijigan.core.datasets.split import Split, frame_of, is_held_out, refuse_another, write_split
from nijigan.core.datasets.working_copy import Scales, working_copies
from nijigan.core.errors import DataError
from nijigan.core.images import Picture, write_picture


def write(path, level=100, side=20, alpha=None):
    rgb = np.full((side, side, 3), level, np.uint8)
    write_picture(path, Picture(rgb, alpha))
    return path


def names(folder):
    return [photo.name for photo in find_photos(folder)]


def test_photos_are_named_after_their_place(tmp_path):
    for place in ("sky.png", "b/sea.jpg", "b/c/lake.webp"):
        write(tmp_path / place)
    assert names(tmp_path) == ["b-c-lake", "b-sea", "sky"]


def test_what_is_hidden_or_a_folder_is_no_photo(tmp_path):
    write(tmp_path / "trip.jpg" / "sky.png")
    write(tmp_path / ".thumbnails" / "sky.png")
    (tmp_path / "trip.jpg" / "._sky.png").write_bytes(b"what a system leaves beside a copy")
    assert names(tmp_path) == ["trip.jpg-sky"]


def test_linked_folders_are_entered_once(tmp_path):
    write(tmp_path / "albums/lake/shore.png")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/lake").symlink_to(tmp_path / "albums/lake")
    (tmp_path / "albums/lake/round").symlink_to(tmp_path / "photos")
    assert names(tmp_path / "photos") == ["lake-shore"]


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
def test_a_name_that_is_not_utf_8_is_on_one_side_as_others_are(tmp_path):
    write(tmp_path / "sky.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    (name,) = names(tmp_path)
    assert is_held_out(name, 1)
    assert Split((name,), ()).sha256 != Split((), (name,)).sha256


def test_what_is_transparent_is_white_to_those_who_learn(tmp_path):
    alpha = np.zeros((20, 20), np.uint8)
    alpha[:, 10:], alpha[:, 15:] = 255, 51
    path = write(tmp_path / "cut_out.png", alpha=alpha)
    row = [*[255] * 10, *[100] * 5, *[224] * 5]
    (copy,) = working_copies(find_photos(tmp_path), Scales((20,)))
    learned = PictureStore().pixels(PictureFile("cut_out", path))
    for seen in (read_photo(path), copy.read().rgb, learned):
        np.testing.assert_array_equal(seen[3, :, 1], row)


def test_a_folder_among_the_photos_is_refused(tmp_path):
    (tmp_path / "photos").mkdir()
    refuse_inside(tmp_path / "pairs", tmp_path / "photos")
    for folder in ("photos", "photos/pairs"):
        with pytest.raises(DataError, match="would be taken for photos"):
            refuse_inside(tmp_path / folder, tmp_path / "photos")


def test_a_run_learns_from_what_it_began_with(tmp_path):
    before, now = Split(("a", "b"), ("c",)), Split(("a", "d", "e", "f", "g"), ("c",))
    write_split(tmp_path / "pairs", before)
    refuse_another(now, "", tmp_path / "pairs")
    refuse_another(before, before.sha256, tmp_path / "pairs")
    with pytest.raises(DataError, match=r"4 \('d', 'e', 'f', …\) came, 1 \('b'\) went"):
        refuse_another(now, before.sha256, tmp_path / "pairs")


def test_crops_and_copies_are_of_one_frame():
    for name in ("sky5-left", "sky5_crop2", "sky5-360px", "sky5-recolored", "sky5-360px-recolored"):
        assert frame_of(name) == "sky5"
