"""The pictures that a drawing is measured on: held-out photos, and drawings to compare with."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.data import NamedPicture, PairedPictures, SemiPictures, UnpairedPictures
from nijigan.core.datasets.pair import Pair, Pixels
from nijigan.core.errors import DataError
from nijigan.core.images import MIN_SIDE


@dataclass(frozen=True)
class Sample:
    """A held-out photo, and its drawing where there are pairs."""

    name: str
    photo: Pixels
    reference: Pixels | None


class HeldOut:
    """What a folder of pictures holds out, read as it is taken.

    Args:
        folder: of pairs, of unpaired pictures, or of both, whose pairs are then taken; see
            `nijigan.core.data.layouts`. `trainA/` and `trainB/` are taken for unpaired ones.
        direction: of pictures side by side, `AtoB` where the left one is the photo, or `BtoA`.

    Raises:
        DataError: it is none of these, or holds nothing out.
    """

    def __init__(self, folder: Path, direction: str = "AtoB") -> None:
        self.folder = folder
        self._pairs: Sequence[Pair] = ()
        self._photos: Sequence[NamedPicture] = ()
        self._drawings: Sequence[NamedPicture] = ()
        self.matched = True
        """Whether each photo has a drawing of its own."""
        if any((folder / name).is_dir() for name in ("pairs", "pair_s2a")):
            both = SemiPictures(folder, MIN_SIDE, batch=1, direction=direction)
            self._pairs, self.split_sha256 = both.pairs.val, both.split_sha256
        elif _has_pairs(folder):
            paired = PairedPictures(folder, MIN_SIDE, batch=1, direction=direction)
            self._pairs, self.split_sha256 = paired.val, paired.split_sha256
        else:
            self.matched = False
            unpaired = UnpairedPictures(folder, MIN_SIDE, batch=1)
            self._photos, self._drawings = unpaired.photo.val, unpaired.drawn.val
            self.split_sha256 = unpaired.split_sha256
        self.photos = len(self._pairs) or len(self._photos)
        self.drawings = len(self._pairs) or len(self._drawings)
        if not (self.photos and self.drawings):
            raise DataError(
                f"'{folder}' holds out {self.photos} photos and {self.drawings} drawings.",
                "Name some in 'val' of split.json, or make pairs with a larger --held-out.",
            )

    def samples(self) -> Iterator[Sample]:
        """Yield the held-out photos.

        Raises:
            ImageError: one cannot be read.
        """
        for pair in self._pairs:
            yield Sample(pair.name, pair.photo, pair.drawn)
        for photo in self._photos:
            yield Sample(photo.name, photo.pixels, None)

    def other_drawings(self) -> Iterator[Pixels]:
        """Yield the held-out drawings that belong to no photo; none where there are pairs."""
        for drawing in self._drawings:
            yield drawing.pixels


def _has_pairs(folder: Path) -> bool:
    """Whether pictures lie side by side, or a split names pairs and not `photo/beach`."""
    path = folder / "split.json"
    if not path.is_file():
        return (folder / "train").is_dir()
    try:
        names = json.loads(path.read_text(encoding="utf-8"))["train"]
    except (ValueError, KeyError, TypeError):
        return True  # damaged: reading it as a split of pairs says how
    return not any(isinstance(name, str) and "/" in name for name in names)
