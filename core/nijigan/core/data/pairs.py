"""Photos with their drawings, in memory, sampled so that a step's batch depends on nothing else."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nijigan.core.errors import DataError
from nijigan.core.images import to_tensor
from nijigan.core.pair import Pixels, read_pair
from nijigan.core.split import read_split


@dataclass(frozen=True)
class Batch:
    """Aligned pictures, `(N, 3, H, W)` float32 in [-1, 1]."""

    photo: Tensor
    drawn: Tensor


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
        self.crop = crop
        self.batch = batch
        self.flip = flip
        self.seed = seed
        with ThreadPoolExecutor() as pool:
            self.train = list(pool.map(lambda name: read_pair(folder, name), split.train))
            self.val = list(pool.map(lambda name: read_pair(folder, name), split.held_out))
        for pair in self.train:
            height, width, _ = pair.photo.shape
            if min(height, width) < crop:
                raise DataError(
                    f"{pair.name} is {width}x{height}, smaller than the crop of {crop}.",
                    "Remove it from the split or set a smaller data.crop.",
                )

        # A large picture has more to show than a small one: it gets as many places as it has area.
        areas = np.array([pair.photo.size for pair in self.train])
        self._deck = np.repeat(np.arange(len(areas)), np.rint(areas / areas.min()).astype(int))

    def batch_of(self, step: int) -> Batch:
        """Return the batch of one step, a pure function of the seed and the step."""
        crops = [self._crop(step * self.batch + i) for i in range(self.batch)]
        photos, drawings = zip(*crops, strict=True)
        return Batch(stack(photos), stack(drawings))

    def _crop(self, index: int) -> tuple[Pixels, Pixels]:
        """Cut crop number `index` of the run; an epoch has more crops of larger pictures."""
        epoch, place = divmod(index, len(self._deck))
        order = np.random.default_rng((self.seed, 0, epoch)).permutation(len(self._deck))
        pair = self.train[self._deck[order[place]]]
        rng = np.random.default_rng((self.seed, 1, index))
        height, width, _ = pair.photo.shape
        top = int(rng.integers(height - self.crop + 1))
        left = int(rng.integers(width - self.crop + 1))
        window = np.s_[top : top + self.crop, left : left + self.crop]
        photo, drawn = pair.photo[window], pair.drawn[window]
        if self.flip and rng.random() < 0.5:
            return photo[:, ::-1], drawn[:, ::-1]
        return photo, drawn


def stack(pictures: Iterable[Pixels]) -> Tensor:
    """Return pictures of one size, `(H, W, 3)` uint8, as `(N, 3, H, W)` float32 in [-1, 1]."""
    return torch.from_numpy(np.concatenate([to_tensor(picture) for picture in pictures]))
