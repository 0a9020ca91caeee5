"""Pairs, and unpaired pictures beside them, for methods that learn from both."""

from pathlib import Path

from nijigan.core.data.pairs import PairedPictures
from nijigan.core.data.source import SemiBatch
from nijigan.core.data.unpaired import UnpairedPictures


class SemiPictures:
    """A folder with `pairs/`, as `PairedPictures` takes it, and `unpaired/`, as `UnpairedPictures`.

    The arguments are theirs; a batch has as many of each.
    """

    def __init__(
        self, folder: str | Path, crop: int, batch: int, flip: bool = True, seed: int = 0
    ) -> None:
        self.pairs = PairedPictures(Path(folder) / "pairs", crop, batch, flip, seed)
        self.unpaired = UnpairedPictures(Path(folder) / "unpaired", crop, batch, flip, seed)

    @property
    def split_sha256(self) -> str:
        """Identifies both splits."""
        return self.pairs.split_sha256

    @property
    def summary(self) -> str:
        """How many pictures there are, in words."""
        return f"{self.pairs.summary}; {self.unpaired.summary}"

    def batch_of(self, step: int) -> SemiBatch:
        """Return the batch of one step, a pure function of the seed and the step."""
        return SemiBatch(self.pairs.batch_of(step), self.unpaired.batch_of(step))
