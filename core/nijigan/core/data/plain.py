"""Pictures of one kind, for what learns to reproduce them or what another network makes of them."""

from pathlib import Path

from nijigan.core.data.layouts import find_plain, split_of
from nijigan.core.data.picture_set import PictureSet
from nijigan.core.data.source import Batch
from nijigan.core.data.store import PictureStore


class PlainPictures(PictureSet):
    """One set of pictures; a batch has the same ones as photos and as drawings.

    Args:
        folder: any folder of pictures, taken with its subfolders, or CelebA's. `split.json` has the
            lists `train` and `val` of names; without it, a hash of the name decides.
        crop: side of the training crops, in pixels.
        batch: crops per batch.
        flip: mirror half of the crops.
        seed: decides order, crops and flips.
        store: reads the pictures; None: one that leaves them as they are.

    Raises:
        DataError: there are no pictures to train on, one that a list names is missing, or one is
            smaller than the crop.
        ImageError: the header of a picture cannot be read.
    """

    def __init__(
        self,
        folder: str | Path,
        crop: int,
        batch: int,
        flip: bool = True,
        seed: int = 0,
        store: PictureStore | None = None,
    ) -> None:
        found = find_plain(Path(folder))
        self.split_sha256 = split_of({"photo": found}).sha256
        super().__init__(found, store or PictureStore(), crop, batch, flip, seed)

    @property
    def summary(self) -> str:
        """How many pictures there are, in words."""
        return f"{len(self.train)} pictures to train on, {len(self.val)} held out"

    def batch_of(self, step: int) -> Batch:
        """Return the batch of one step, a pure function of the seed and the step.

        Raises:
            ImageError: as `PictureStore.read`.
        """
        crops = self.crops_of(step)
        return Batch(crops, crops)
