"""Photos, and drawings of something else, sampled so that a step's batch depends on nothing else.

NAME/                              or, as CycleGAN's data sets have it,
    photo/  drawn/                     trainA/  trainB/      photos, drawings
    split.json  (may be missing)       testA/  testB/        or valA/ and valB/: held out
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.data.crops import Crops
from nijigan.core.data.source import Batch, stack
from nijigan.core.errors import DataError
from nijigan.core.images import read_picture
from nijigan.core.pair import Pixels
from nijigan.core.pairs import NamedPhoto, find_photos
from nijigan.core.split import Split, is_held_out, read_split

HELD_OUT = 0.1
"""Share of the pictures that are held out where no file says which."""

KINDS = ("photo", "drawn")
_CYCLEGAN = {"photo": "A", "drawn": "B"}


@dataclass(frozen=True)
class NamedPicture:
    """A picture and its name; `(H, W, 3)` uint8."""

    name: str
    pixels: Pixels


@dataclass(frozen=True)
class PictureSet:
    """The pictures of one kind."""

    train: Sequence[NamedPicture]
    val: Sequence[NamedPicture]

    @property
    def shown(self) -> Sequence[NamedPicture]:
        """Those that samples and figures are of: held out ones where there are any."""
        return self.val or self.train


class UnpairedPictures:
    """Two sets of pictures, decoded once and kept as uint8.

    Pictures may be of any size from the crop on, each of its own, and the sets of any two lengths:
    an epoch of photos ends without regard to one of drawings.

    Args:
        folder: in one of the two layouts of this module. `split.json` has the lists `train` and
            `val` of names such as `photo/beach`; a name without its folder means both, so that a
            folder of pairs can be used too. Without the file, a hash of the name decides.
        crop: side of the training crops, in pixels.
        batch: crops of each kind per batch.
        flip: mirror half of the crops.
        seed: decides order, crops and flips.

    Raises:
        DataError: the folder has neither layout, a set has no pictures to train on, a picture that
            `split.json` names is missing, or one is smaller than the crop.
        ImageError: a picture cannot be read.
    """

    def __init__(
        self, folder: str | Path, crop: int, batch: int, flip: bool = True, seed: int = 0
    ) -> None:
        found = _find(Path(folder))
        self.split_sha256 = _split_of(found).sha256
        self.batch = batch
        with ThreadPoolExecutor() as pool:
            self.photo, self.drawn = (
                PictureSet(
                    list(pool.map(_read, found[kind].train)), list(pool.map(_read, found[kind].val))
                )
                for kind in KINDS
            )
        self._crops = [
            Crops([(p.name, p.pixels) for p in pictures.train], crop, flip, seed, stream)
            for stream, pictures in enumerate((self.photo, self.drawn))
        ]

    @property
    def summary(self) -> str:
        """How many pictures there are, in words."""
        photo, drawn = self.photo, self.drawn
        return (
            f"{len(photo.train)} photos and {len(drawn.train)} drawings to train on, "
            f"{len(photo.val)} and {len(drawn.val)} held out"
        )

    def batch_of(self, step: int) -> Batch:
        """Return the batch of one step, a pure function of the seed and the step."""
        numbers = range(step * self.batch, (step + 1) * self.batch)
        photos, drawings = (
            stack(crop.of(pictures.train[crop.picture].pixels) for crop in map(crops.at, numbers))
            for crops, pictures in zip(self._crops, (self.photo, self.drawn), strict=True)
        )
        return Batch(photos, drawings)


@dataclass(frozen=True)
class _Found:
    """The files of one kind of picture."""

    train: Sequence[NamedPhoto]
    val: Sequence[NamedPhoto]


def _find(folder: Path) -> dict[str, _Found]:
    """Return the files of each of `KINDS`."""
    if (folder / "trainA").is_dir():
        found = {kind: _find_cyclegan(folder, letter) for kind, letter in _CYCLEGAN.items()}
    elif (folder / "photo").is_dir():
        found = _divide({kind: find_photos(folder / kind) for kind in KINDS}, folder)
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


def _find_cyclegan(folder: Path, letter: str) -> _Found:
    held_out = [folder / f"{name}{letter}" for name in ("val", "test")]
    val = [find_photos(path) for path in held_out if path.is_dir()]
    return _Found(find_photos(folder / f"train{letter}"), val[0] if val else [])


def _divide(files: dict[str, list[NamedPhoto]], folder: Path) -> dict[str, _Found]:
    """Divide the files of each kind into those that train and those that are held out."""
    if not (folder / "split.json").is_file():
        return {
            kind: _Found(
                [file for file in named if not is_held_out(file.name, HELD_OUT)],
                [file for file in named if is_held_out(file.name, HELD_OUT)],
            )
            for kind, named in files.items()
        }
    split = read_split(folder)
    return {
        kind: _Found(
            _select(split.train, kind, named, folder), _select(split.held_out, kind, named, folder)
        )
        for kind, named in files.items()
    }


def _select(
    names: Sequence[str], kind: str, files: Sequence[NamedPhoto], folder: Path
) -> list[NamedPhoto]:
    """Return the files of one kind that are among the names of a split."""
    by_name = {name: file for file in files for name in (file.name, file.photo.name)}
    selected = []
    for name in names:
        where, slash, bare = name.rpartition("/")
        if slash and where != kind:
            continue
        if bare not in by_name:
            raise DataError(f"{folder / kind / bare} is missing.", "Correct split.json.")
        selected.append(by_name[bare])
    return selected


def _split_of(found: dict[str, _Found]) -> Split:
    """Return the names of all files, each after its kind."""
    return Split(
        tuple(f"{kind}/{file.name}" for kind in KINDS for file in found[kind].train),
        tuple(f"{kind}/{file.name}" for kind in KINDS for file in found[kind].val),
    )


def _read(file: NamedPhoto) -> NamedPicture:
    return NamedPicture(file.name, read_picture(file.photo).rgb)
