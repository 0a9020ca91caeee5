"""Pairs, and unpaired pictures beside them, for methods that learn from both."""

import hashlib
from pathlib import Path

from nijigan.core.data.layouts import KINDS
from nijigan.core.data.pairs import PairedPictures
from nijigan.core.data.source import SemiBatch
from nijigan.core.data.store import PictureStore
from nijigan.core.data.unpaired import UnpairedPictures
from nijigan.core.errors import DataError

SEMI_FOLDERS = (("pairs", "unpaired"), ("pair_s2a", "unpaired_s2a"))
"""Where pairs and unpaired pictures are, of ours and of Scenimefy."""

# The unpaired pictures have the first two streams of random numbers.
_PAIRS_STREAM = 2


class SemiPictures:
    """A folder with `pairs/`, as `PairedPictures` takes it, and `unpaired/`, as `UnpairedPictures`.

    `pair_s2a/` and `unpaired_s2a/`, as Scenimefy has them, are taken too. Of pairs alone, `photo/`
    and `drawn/`, a photo and the drawings of others are the unpaired ones. The arguments are
    theirs; a batch has as many of each.

    Raises:
        DataError: the folder has none of these; or as the two classes.
        ImageError: the header of a picture cannot be read.
    """

    def __init__(
        self,
        folder: str | Path,
        crop: int,
        batch: int,
        flip: bool = True,
        seed: int = 0,
        direction: str = "AtoB",
        store: PictureStore | None = None,
    ) -> None:
        pairs, unpaired = _find(Path(folder))
        self._one_folder = pairs == unpaired
        store = store or PictureStore()
        self.pairs = PairedPictures(
            pairs, crop, batch, flip, seed, direction, store, stream=_PAIRS_STREAM
        )
        self.unpaired = UnpairedPictures(unpaired, crop, batch, flip, seed, store)

    @property
    def split_sha256(self) -> str:
        """Identifies both splits: SHA-256 of the two hashes, a line each; of one folder its own."""
        if self._one_folder:
            return self.pairs.split_sha256
        both = f"{self.pairs.split_sha256}\n{self.unpaired.split_sha256}"
        return hashlib.sha256(both.encode()).hexdigest()

    @property
    def summary(self) -> str:
        """How many pictures there are, in words."""
        return f"{self.pairs.summary}; {self.unpaired.summary}"

    def batch_of(self, step: int) -> SemiBatch:
        """Return the batch of one step, a pure function of the seed and the step.

        Raises:
            ImageError: as `PictureStore.read`.
        """
        return SemiBatch(self.pairs.batch_of(step), self.unpaired.batch_of(step))


def _find(folder: Path) -> tuple[Path, Path]:
    for names in SEMI_FOLDERS:
        pairs, unpaired = (folder / name for name in names)
        if pairs.is_dir() and unpaired.is_dir():
            return pairs, unpaired
    if all((folder / kind).is_dir() for kind in KINDS):
        return folder, folder
    raise DataError(
        f"'{folder}' has neither 'pairs/' and 'unpaired/' nor 'pair_s2a/' and 'unpaired_s2a/'"
        " nor 'photo/' and 'drawn/'.",
        "Put pairs into the first folder, and photos and drawings of anything into the second; or"
        " name a folder of pairs, which then are both.",
    )
