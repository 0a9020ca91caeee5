"""Pictures of one kind, sampled so that a step's crops depend on nothing else."""

from collections.abc import Sequence

from torch import Tensor

from nijigan.core.data.crops import Crops
from nijigan.core.data.layouts import Divided
from nijigan.core.data.source import stack
from nijigan.core.data.store import NamedPicture, PictureFile, PictureStore


class PictureSet:
    """The pictures of one kind.

    Args:
        files: those that train and those that are held out.
        store: reads them.
        crop: side of the training crops, in pixels.
        batch: crops per batch.
        flip: mirror half of the crops.
        seed: decides order, crops and flips.
        stream: another number for each set that one run draws from.

    Raises:
        DataError: a picture to train on is smaller than the crop.
        ImageError: the header of a picture cannot be read.
    """

    def __init__(
        self,
        files: Divided[PictureFile],
        store: PictureStore,
        crop: int,
        batch: int,
        flip: bool,
        seed: int,
        stream: int = 0,
    ) -> None:
        self.train, self.val = (
            [NamedPicture(file, store) for file in some] for some in (files.train, files.val)
        )
        self._files = files.train
        self._store = store
        self._batch = batch
        names = [file.name for file in files.train]
        sizes = list(zip(names, store.sizes(files.train), strict=True))
        self._crops = Crops(sizes, crop, flip, seed, stream)

    @property
    def shown(self) -> Sequence[NamedPicture]:
        """Those that samples and figures are of: held out ones where there are any."""
        return self.val or self.train

    def crops_of(self, step: int) -> Tensor:
        """Return the crops of one step, `(batch, 3, crop, crop)` float32 in [-1, 1].

        Raises:
            ImageError: as `PictureStore.read`.
        """
        crops = [self._crops.at(step * self._batch + i) for i in range(self._batch)]
        pictures = self._store.read(self._files[crop.picture] for crop in crops)
        return stack(crop.of(pixels) for crop, pixels in zip(crops, pictures, strict=True))
