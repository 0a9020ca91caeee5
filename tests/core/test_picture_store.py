import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image

from nijigan.core.data import PairedPictures, PictureStore, UnpairedPictures
from nijigan.core.data import store as store_module
from nijigan.core.data.store import GIB, Lazy, PictureFile
from nijigan.core.datasets.photos import read_photo
from nijigan.core.errors import ImageError
from nijigan.core.images import read_picture, read_size


def write_noise(path, width, height, seed=0, **options):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return PictureFile(path.stem, path)


@pytest.fixture
def three(tmp_path):
    """Three pictures of 1,536 bytes each."""
    return [write_noise(tmp_path / f"{i}.png", 32, 16, i) for i in range(3)]


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that were decoded, in order."""
    names = []

    def read(path):
        names.append(path.stem)
        return read_photo(path)

    monkeypatch.setattr(store_module, "read_photo", read)
    return names


def sideways():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_the_header_says_the_size_of_the_upright_picture(tmp_path, suffix):
    for options in ({}, {"exif": sideways()}):
        path = write_noise(tmp_path / f"p.{suffix}", 30, 20, **options).path
        picture = read_picture(path)
        assert read_size(path) == (picture.width, picture.height)
        assert (picture.width < picture.height) == bool(options)


def test_sizes_need_no_more_than_the_header(tmp_path):
    file = write_noise(tmp_path / "p.jpg", 60, 40)
    file.path.write_bytes(file.path.read_bytes()[:800])
    assert PictureStore().sizes([file]) == [(40, 60)]
    with pytest.raises(ImageError, match=r"p\.jpg"):
        PictureStore().pixels(file)


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, (218, 178)),
        ({"load": 128}, (157, 128)),
        ({"load": 256}, (314, 256)),
        ({"load": 128, "square": True}, (128, 128)),
        ({"center": True}, (178, 178)),
        ({"center": True, "load": 128}, (128, 128)),
    ],
)
def test_pictures_get_the_size_that_was_foretold(tmp_path, options, size):
    file = write_noise(tmp_path / "p.png", 178, 218)
    store = PictureStore(**options)
    assert store.sizes([file]) == [size]
    assert store.pixels(file).shape == (*size, 3)


def test_the_middle_is_what_is_cut_out(tmp_path):
    write_noise(tmp_path / "p.png", 16, 30)
    file = PictureFile("p", tmp_path / "p.png")
    np.testing.assert_array_equal(
        PictureStore(center=True).pixels(file), read_picture(file.path).rgb[7:23]
    )


def test_shrinking_averages(tmp_path):
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    Image.fromarray(np.repeat(board[..., None], 3, axis=2).astype(np.uint8)).save(
        tmp_path / "p.png"
    )
    small = PictureStore(load=16).pixels(PictureFile("p", tmp_path / "p.png"))
    assert np.abs(small[2:-2, 2:-2].astype(int) - 127).max() <= 2


def test_the_halves_of_a_file_are_decoded_once_and_resized_each_on_its_own(tmp_path, decoded):
    both = np.zeros((20, 80, 3), np.uint8)
    both[:, 40:] = 255
    Image.fromarray(both).save(tmp_path / "p.png")
    halves = [PictureFile("p", tmp_path / "p.png", half) for half in (0, 1)]
    store = PictureStore(load=10)
    left, right = store.read(halves[:1]) + store.read(halves[1:])
    assert decoded == ["p"]
    assert left.shape == right.shape == (10, 20, 3)
    assert left.max() == 0  # nothing of the other half comes across
    assert right.min() == 255


def test_what_was_not_used_for_longest_is_dropped(three, decoded):
    store = PictureStore(memory=2 * 1536 / GIB)
    for index in (0, 1, 0, 2, 0, 1):  # 2 drops 1, not 0
        store.pixels(three[index])
    assert decoded == ["0", "1", "2", "1"]


def test_without_memory_every_picture_is_decoded_each_time(three, decoded):
    store = PictureStore(memory=0)
    for _ in range(2):
        np.testing.assert_array_equal(store.pixels(three[0]), read_picture(three[0].path).rgb)
    assert decoded == ["0", "0"]


def test_what_is_cut_away_is_not_kept(tmp_path):
    file = write_noise(tmp_path / "p.png", 160, 16)
    assert PictureStore(center=True).pixels(file).base is None


def test_threads_share_a_store_that_is_too_small(tmp_path):
    files = [write_noise(tmp_path / f"{i}.png", 16, 16, i) for i in range(12)]
    true = [read_picture(file.path).rgb for file in files]
    store = PictureStore(memory=3 * 768 / GIB)
    order = np.random.default_rng(0).integers(0, 12, 400)
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(store.pixels, [files[i] for i in order])
        for index, pixels in zip(order, found, strict=True):
            np.testing.assert_array_equal(pixels, true[index])
    assert store._bytes == sum(part.nbytes for parts in store._kept.values() for part in parts)
    assert store._bytes <= 3 * 768


def test_a_picture_that_tells_too_late_how_it_lies_is_refused(tmp_path):
    file = write_noise(tmp_path / "p.png", 30, 20)
    exif = sideways().tobytes().removeprefix(b"Exif\0\0")
    chunk = b"eXIf" + exif
    chunk = struct.pack(">I", len(exif)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data = file.path.read_bytes()
    file.path.write_bytes(data[:-12] + chunk + data[-12:])  # behind the pixels, before the end
    assert PictureStore().sizes([file]) == [(20, 30)]
    with pytest.raises(ImageError, match=r"p\.png lies on its side"):
        PictureStore().pixels(file)


def test_items_are_made_when_they_are_taken():
    made = []
    lazy = Lazy(range(5), lambda number: made.append(number) or 10 * number)
    assert len(lazy) == 5
    assert len(lazy[1:3]) == 2
    assert made == []
    assert lazy[1:3][1] == 20
    assert lazy[-1] == 40
    assert list(lazy) == [0, 10, 20, 30, 40]


def test_opening_decodes_nothing_and_a_step_what_it_shows(pairs_folder, decoded):
    pairs = PairedPictures(pairs_folder, 16, batch=1)
    unpaired = UnpairedPictures(pairs_folder, 16, batch=1)
    assert [picture.name for picture in unpaired.photo.shown] == ["p4"]
    assert decoded == []
    pairs.batch_of(0)
    assert len(decoded) == 2
    assert decoded[0] == decoded[1]


def test_batches_are_the_same_whatever_is_kept(pairs_folder):
    for kind in (PairedPictures, UnpairedPictures):
        much, none = (kind(pairs_folder, 16, 3, store=PictureStore(memory=m)) for m in (1, 0))
        for step in range(4):
            one, other = much.batch_of(step), none.batch_of(step)
            assert torch.equal(one.photo, other.photo)
            assert torch.equal(one.drawn, other.drawn)
