"""Photos with their drawings, sampled so that a step's batch depends on nothing else."""

from collections.abc import Sequence
from pathlib import Path

from nijigan.core.data.crops import Crops
from nijigan.core.data.layouts import PairFiles, find_pairs
from nijigan.core.data.source import Batch, stack
from nijigan.core.data.store import Lazy, PictureStore
from nijigan.core.datasets.pair import Pair
from nijigan.core.errors import DataError


class PairedPictures:
    """The pairs of one folder.

    Args:
        folder: in one of the layouts of pairs of `layouts`.
        crop: side of the training crops, in pixels.
        batch: crops per batch.
        flip: mirror half of the crops.
        seed: decides order, crops and flips.
        direction: of pictures side by side, `AtoB` where the left one is the photo, or `BtoA`.
        store: reads the pictures; None: one that leaves them as they are.
        stream: another number for each set of pictures that one run draws from.

    Raises:
        DataError: a folder, a file or a pair is missing, sizes differ, or a picture is smaller than
            the crop.
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
        stream: int = 0,
    ) -> None:
        found, split = find_pairs(Path(folder), direction)
        self.split_sha256 = split.sha256
        self.batch = batch
        self._store = store or PictureStore()
        self._files = found.train
        self.train, self.val = (Lazy(files, self._open) for files in (found.train, found.val))
        sizes = self._sizes(found.train)
        self._sizes(found.val)
        names = [pair.name for pair in found.train]
        self._crops = Crops(list(zip(names, sizes, strict=True)), crop, flip, seed, stream)

    @property
    def summary(self) -> str:
        """How many pairs there are, in words."""
        return f"{len(self.train)} training pairs, {len(self.val)} held out"

    def batch_of(self, step: int) -> Batch:
        """Return the batch of one step, a pure function of the seed and the step.

        Raises:
            ImageError: as `PictureStore.read`.
        """
        crops = [self._crops.at(step * self.batch + i) for i in range(self.batch)]
        pairs = [self._files[crop.picture] for crop in crops]
        photos = self._store.read(pair.photo for pair in pairs)
        drawings = self._store.read(pair.drawn for pair in pairs)
        return Batch(
            stack(crop.of(photo) for crop, photo in zip(crops, photos, strict=True)),
            stack(crop.of(drawn) for crop, drawn in zip(crops, drawings, strict=True)),
        )

    def _open(self, pair: PairFiles) -> Pair:
        return Pair(pair.name, self._store.pixels(pair.photo), self._store.pixels(pair.drawn))

    def _sizes(self, pairs: Sequence[PairFiles]) -> list[tuple[int, int]]:
        """Return height and width of each pair."""
        photos = self._store.sizes([pair.photo for pair in pairs])
        drawings = self._store.sizes([pair.drawn for pair in pairs])
        for pair, photo, drawn in zip(pairs, photos, drawings, strict=True):
            if photo != drawn:
                shown = " and ".join(f"{width}x{height}" for height, width in (photo, drawn))
                raise DataError(
                    f"Photo and drawing '{pair.name}' differ in size: {shown}.",
                    "Make the pair again.",
                )
        return photos
