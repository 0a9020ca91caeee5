"""Photos with their drawings, in memory, sampled so that a step's batch depends on nothing else."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nijigan.core.data.crops import Crops
from nijigan.core.data.source import Batch, stack
from nijigan.core.pair import read_pair
from nijigan.core.split import read_split


class PairedPictures:
    """The pairs of one folder, decoded once and kept as uint8.

    Args:
        folder: has `photo/` and `drawn/` with the same file names, and `split.json` with the lists
            `train` and `val` of them.
        crop: side of the training crops, in pixels.
        batch: crops per batch.
        flip: mirror half of the crops.
        seed: decides order, crops and flips.

    Raises:
        DataError: a folder, a file or a pair is missing, sizes differ, or a picture is smaller than
            the crop.
        ImageError: a picture cannot be read.
    """

    def __init__(
        self, folder: str | Path, crop: int, batch: int, flip: bool = True, seed: int = 0
    ) -> None:
        folder = Path(folder)
        split = read_split(folder)
        self.split_sha256 = split.sha256
        self.batch = batch
        with ThreadPoolExecutor() as pool:
            self.train = list(pool.map(lambda name: read_pair(folder, name), split.train))
            self.val = list(pool.map(lambda name: read_pair(folder, name), split.held_out))
        photos = [(pair.name, pair.photo) for pair in self.train]
        self._crops = Crops(photos, crop, flip, seed)

    @property
    def summary(self) -> str:
        """How many pairs there are, in words."""
        return f"{len(self.train)} training pairs, {len(self.val)} held out"

    def batch_of(self, step: int) -> Batch:
        """Return the batch of one step, a pure function of the seed and the step."""
        crops = [self._crops.at(step * self.batch + i) for i in range(self.batch)]
        pairs = [self.train[crop.picture] for crop in crops]
        return Batch(
            stack(crop.of(pair.photo) for crop, pair in zip(crops, pairs, strict=True)),
            stack(crop.of(pair.drawn) for crop, pair in zip(crops, pairs, strict=True)),
        )
