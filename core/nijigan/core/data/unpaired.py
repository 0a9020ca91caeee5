"""Photos, and drawings of something else; a step's batch depends on nothing but its number."""

from pathlib import Path

from nijigan.core.data.layouts import KINDS, find_unpaired, split_of
from nijigan.core.data.picture_set import PictureSet
from nijigan.core.data.source import Batch
from nijigan.core.data.store import PictureStore


class UnpairedPictures:
    """Two sets of pictures.

    Pictures may be of any size from the crop on, each of its own, and the sets of any two lengths:
    an epoch of photos ends without regard to one of drawings.

    Args:
        folder: in one of the layouts of unpaired pictures of `layouts`. `split.json` has the lists
            `train` and `val` of names such as `photo/beach`; a name without its folder means both,
            so that a folder of pairs can be used too. Without it, a hash of the name decides.
        crop: side of the training crops, in pixels.
        batch: crops of each kind per batch.
        flip: mirror half of the crops.
        seed: decides order, crops and flips.
        store: reads the pictures; None: one that leaves them as they are.

    Raises:
        DataError: the folder has neither layout, a set has no pictures to train on, a picture that
            `split.json` names is missing, or one is smaller than the crop.
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
        found = find_unpaired(Path(folder))
        self.split_sha256 = split_of(found).sha256
        store = store or PictureStore()
        self.photo, self.drawn = (
            PictureSet(found[kind], store, crop, batch, flip, seed, stream)
            for stream, kind in enumerate(KINDS)
        )

    @property
    def summary(self) -> str:
        """How many pictures there are, in words."""
        photo, drawn = self.photo, self.drawn
        return (
            f"{len(photo.train)} photos and {len(drawn.train)} drawings to train on, "
            f"{len(photo.val)} and {len(drawn.val)} held out"
        )

    def batch_of(self, step: int) -> Batch:
        """Return the batch of one step, a pure function of the seed and the step.

        Raises:
            ImageError: as `PictureStore.read`.
        """
        return Batch(self.photo.crops_of(step), self.drawn.crops_of(step))
