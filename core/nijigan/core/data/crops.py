"""Which part of which picture a run sees when: a pure function of the seed and a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import DataError


@dataclass(frozen=True)
class Crop:
    """A square of one picture."""

    picture: int
    top: int
    left: int
    side: int
    mirrored: bool

    def of(self, pixels: Pixels) -> Pixels:
        """Return this part of `(H, W, 3)`."""
        window = pixels[self.top : self.top + self.side, self.left : self.left + self.side]
        return window[:, ::-1] if self.mirrored else window


class Crops:
    """The crops of one set of pictures, in the order in which a run sees them.

    A large picture has more to show than a small one: in an epoch it gets as many crops as it has
    area, in the smallest picture's.

    Args:
        sizes: the name of each picture, and its height and width.
        side: of the crops, in pixels.
        flip: mirror half of the crops.
        seed: decides order, crops and flips.
        stream: another number for each set of pictures that one run draws from.

    Raises:
        DataError: a picture is smaller than the crop.
    """

    def __init__(
        self,
        sizes: Sequence[tuple[str, tuple[int, int]]],
        side: int,
        flip: bool = True,
        seed: int = 0,
        stream: int = 0,
    ) -> None:
        for name, (height, width) in sizes:
            if min(height, width) < side:
                raise DataError(
                    f"{name} is {width}x{height}, smaller than the crop of {side}.",
                    "Remove it from the split, or set a smaller data.crop or a larger data.load.",
                )
        self.sizes = [size for _, size in sizes]
        self.side = side
        self.flip = flip
        # Random numbers come from (seed, purpose, number). A set of pictures has two purposes of
        # four; methods have the two that are left.
        self._order = (seed, 4 * stream)
        self._places = (seed, 4 * stream + 1)
        areas = np.array([height * width for height, width in self.sizes])
        self._deck = np.repeat(np.arange(len(areas)), np.rint(areas / areas.min()).astype(int))
        # To shuffle a large set takes longer than to cut a crop.
        self._shuffled = lru_cache(maxsize=2)(self._shuffle)

    def at(self, index: int) -> Crop:
        """Return crop number `index` of the run; there is no end."""
        epoch, place = divmod(index, len(self._deck))
        picture = int(self._deck[self._shuffled(epoch)[place]])
        rng = np.random.default_rng((*self._places, index))
        height, width = self.sizes[picture]
        top = int(rng.integers(height - self.side + 1))
        left = int(rng.integers(width - self.side + 1))
        return Crop(picture, top, left, self.side, self.flip and rng.random() < 0.5)

    def _shuffle(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng((*self._order, epoch)).permutation(len(self._deck))
