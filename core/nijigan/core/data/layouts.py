"""Which files of a folder are photos, drawings or pairs, and which of them train.

pairs:      photo/  drawn/  split.json    of the same names
            train/  val/ or test/         photo and drawing side by side in one file
            trainA/  trainB/              photos and drawings in the same order, by name
unpaired:   photo/  drawn/                and split.json, or the names decide
            trainA/  trainB/              as CycleGAN's data sets have them
one kind:   any folder                    and split.json, or the names decide
            img_align_celeba/             and list_eval_partition.txt, as CelebA has them

Beside `trainA/` and `trainB/`, `valA/` and `valB/`, or else `testA/` and `testB/`, are held out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from nijigan.core.data.store import PictureFile
from nijigan.core.datasets.pair import find_picture
from nijigan.core.datasets.photos import find_photos
from nijigan.core.datasets.split import Split, is_held_out, read_split
from nijigan.core.errors import DataError
from nijigan.core.images import SUFFIXES

T = TypeVar("T")

HELD_OUT = 0.1
"""Share of the pictures that are held out where no file says which."""

KINDS = ("photo", "drawn")
CELEBA_PICTURES = "img_align_celeba"
CELEBA_SPLIT = "list_eval_partition.txt"
CELEBA_PARTS = {"0": "train", "1": "val", "2": "test"}

_CYCLEGAN = {"photo": "A", "drawn": "B"}
_SIDES = {"AtoB": (0, 1), "BtoA": (1, 0)}
_HELD_OUT_FOLDERS = ("val", "test")


@dataclass(frozen=True)
class Divided(Generic[T]):
    """What trains and what is held out."""

    train: Sequence[T]
    val: Sequence[T]


@dataclass(frozen=True)
class PairFiles:
    """The two pictures of a pair."""

    name: str
    photo: PictureFile
    drawn: PictureFile


def find_pairs(folder: Path, direction: str = "AtoB") -> tuple[Divided[PairFiles], Split]:
    """Return the pairs of a folder, and the split that their hash is of.

    Args:
        folder: in one of the three layouts of pairs.
        direction: which half of a picture of two is the photo: `AtoB` the left, `BtoA` the right.

    Raises:
        DataError: it has none of the layouts, or no pairs to train on; a picture that `split.json`
            names is missing; or there are not as many photos as drawings.
    """
    if (folder / "split.json").is_file() or (folder / "photo").is_dir():
        split = read_split(folder)
        return Divided(
            [_pair(folder, name) for name in split.train],
            [_pair(folder, name) for name in split.held_out],
        ), split
    if (folder / "trainA").is_dir():
        return _pairs_in_order(folder)
    if (folder / "train").is_dir():
        return _pairs_side_by_side(folder, direction)
    raise DataError(
        f"'{folder}' has no pairs: neither 'photo/' and 'drawn/' nor 'train/' nor 'trainA/' and "
        "'trainB/'.",
        "See docs/data.md for the layouts; 'nijigan pairs make' makes the first.",
    )


def find_unpaired(folder: Path) -> dict[str, Divided[PictureFile]]:
    """Return the files of each of `KINDS`.

    Raises:
        DataError: the folder has neither layout of unpaired pictures, a kind has none to train on,
            or a picture that `split.json` names is missing.
    """
    if (folder / "trainA").is_dir():
        found = {kind: _find_cyclegan(folder, letter) for kind, letter in _CYCLEGAN.items()}
    elif (folder / "photo").is_dir():
        found = _divide_kinds({kind: _files(folder / kind) for kind in KINDS}, folder)
    else:
        raise DataError(
            f"'{folder}' has neither 'photo/' and 'drawn/' nor 'trainA/' and 'trainB/'.",
            "Put the photos into the first folder and the drawings into the second.",
        )
    for kind, files in found.items():
        if not files.train:
            raise DataError(
                f"'{folder}' has no {kind} to train on.", "Add pictures, or correct split.json."
            )
    return found


def find_plain(folder: Path) -> Divided[PictureFile]:
    """Return the files of one kind of picture.

    Raises:
        DataError: there are none to train on, or one that a list names is missing.
    """
    if (folder / CELEBA_SPLIT).is_file():
        found = _find_celeba(folder)
    elif (folder / "split.json").is_file():
        split = read_split(folder)
        there = {file.name: file for file in _files(folder)}
        for name in (*split.train, *split.held_out):
            if bare_name(name) not in there:
                raise DataError(f"{folder / name} is missing.", "Correct split.json.")
        found = Divided(
            [there[bare_name(name)] for name in split.train],
            [there[bare_name(name)] for name in split.held_out],
        )
    else:
        found = _divide_by_name(_files(folder))
    if not found.train:
        raise DataError(f"'{folder}' has no pictures to train on.", "Add pictures.")
    return found


def split_of(found: dict[str, Divided[PictureFile]]) -> Split:
    """Return the names of all files, each after its kind."""
    return Split(
        tuple(f"{kind}/{file.name}" for kind, files in found.items() for file in files.train),
        tuple(f"{kind}/{file.name}" for kind, files in found.items() for file in files.val),
    )


def _divide_by_name(files: Sequence[PictureFile]) -> Divided[PictureFile]:
    """Divide files by a hash of their names."""
    return Divided(
        [file for file in files if not is_held_out(file.name, HELD_OUT)],
        [file for file in files if is_held_out(file.name, HELD_OUT)],
    )


def bare_name(name: str) -> str:
    """Return how `find_photos` names what a list calls `name`: `sky-1` for `sky/1.jpg`."""
    suffix = Path(name).suffix
    bare = name.removesuffix(suffix) if suffix.lower() in SUFFIXES else name
    return bare.replace("/", "-")


def read_celeba_parts(folder: Path) -> dict[str, str]:
    """Return what CelebA's list says of each file: `train`, `val` or `test`.

    Raises:
        DataError: a line says something else.
    """
    path = folder / CELEBA_SPLIT
    parts = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        name, _, part = line.strip().partition(" ")
        if part not in CELEBA_PARTS:
            raise DataError(
                f"{path}, line {number}: '{line}' is not a file name and 0, 1 or 2.",
                "Fetch the list again.",
            )
        parts[name] = CELEBA_PARTS[part]
    return parts


def _files(folder: Path) -> list[PictureFile]:
    return [PictureFile(photo.name, photo.photo) for photo in find_photos(folder)]


def _pair(folder: Path, name: str) -> PairFiles:
    photo, drawn = (PictureFile(name, find_picture(folder / kind, name)) for kind in KINDS)
    return PairFiles(name, photo, drawn)


def _pairs_side_by_side(folder: Path, direction: str) -> tuple[Divided[PairFiles], Split]:
    if direction not in _SIDES:
        raise DataError(f"The direction is '{direction}'.", "Use AtoB or BtoA.")
    photo, drawn = _SIDES[direction]
    train, val = (
        [
            PairFiles(
                file.name,
                PictureFile(file.name, file.path, photo),
                PictureFile(file.name, file.path, drawn),
            )
            for file in files
        ]
        for files in (_files(folder / "train"), _held_out_files(folder, ""))
    )
    names = [tuple(pair.name for pair in pairs) for pairs in (train, val)]
    return Divided(train, val), Split(*names)


def _pairs_in_order(folder: Path) -> tuple[Divided[PairFiles], Split]:
    found = {kind: _find_cyclegan(folder, letter) for kind, letter in _CYCLEGAN.items()}
    photo, drawn = found["photo"], found["drawn"]
    for what, photos, drawings in (
        ("train on", photo.train, drawn.train),
        ("hold out", photo.val, drawn.val),
    ):
        if len(photos) != len(drawings):
            raise DataError(
                f"'{folder}' has {len(photos)} photos and {len(drawings)} drawings to {what}: "
                "these are no pairs.",
                "Add what is missing; the first photo belongs to the first drawing, and so on.",
            )
    train, val = (
        [PairFiles(a.name, a, b) for a, b in zip(photos, drawings, strict=True)]
        for photos, drawings in ((photo.train, drawn.train), (photo.val, drawn.val))
    )
    return Divided(train, val), split_of(found)


def _find_cyclegan(folder: Path, letter: str) -> Divided[PictureFile]:
    return Divided(_files(folder / f"train{letter}"), _held_out_files(folder, letter))


def _held_out_files(folder: Path, letter: str) -> list[PictureFile]:
    for name in _HELD_OUT_FOLDERS:
        if (folder / f"{name}{letter}").is_dir():
            return _files(folder / f"{name}{letter}")
    return []


def _find_celeba(folder: Path) -> Divided[PictureFile]:
    there = {file.path.name: file for file in _files(folder / CELEBA_PICTURES)}
    parts: dict[str, list[PictureFile]] = {part: [] for part in CELEBA_PARTS.values()}
    for name, part in read_celeba_parts(folder).items():
        if name not in there:
            raise DataError(
                f"{folder / CELEBA_PICTURES / name} is missing.", f"Correct {CELEBA_SPLIT}."
            )
        parts[part].append(there[name])
    return Divided(parts["train"], parts["val"])


def _divide_kinds(
    files: dict[str, list[PictureFile]], folder: Path
) -> dict[str, Divided[PictureFile]]:
    """Divide the files of each kind into those that train and those that are held out."""
    if not (folder / "split.json").is_file():
        return {kind: _divide_by_name(named) for kind, named in files.items()}
    split = read_split(folder)
    return {
        kind: Divided(
            _select(split.train, kind, named, folder), _select(split.held_out, kind, named, folder)
        )
        for kind, named in files.items()
    }


def _select(
    names: Sequence[str], kind: str, files: Sequence[PictureFile], folder: Path
) -> list[PictureFile]:
    """Return the files of one kind that are among the names of a split."""
    by_name = {name: file for file in files for name in (file.name, file.path.name)}
    selected = []
    for name in names:
        where, slash, bare = name.rpartition("/")
        if slash and where != kind:
            continue
        if bare not in by_name:
            raise DataError(f"{folder / kind / bare} is missing.", "Correct split.json.")
        selected.append(by_name[bare])
    return selected
