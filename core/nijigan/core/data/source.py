"""What the training loop needs to know of the pictures that a method learns from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from nijigan.core.datasets.pair import Pixels
from nijigan.core.images import to_tensor


@dataclass(frozen=True)
class Batch:
    """Photos and drawings, `(N, 3, H, W)` float32 in [-1, 1].

    From pairs, drawing i is of photo i; from unpaired pictures, the two have nothing in common.
    """

    photo: Tensor
    drawn: Tensor

    def __len__(self) -> int:
        return len(self.photo)

    def __getitem__(self, which: slice) -> "Batch":
        return self.apply(lambda tensor: tensor[which])

    def apply(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """Return the batch with `change` made to each of its tensors."""
        return Batch(change(self.photo), change(self.drawn))


@dataclass(frozen=True)
class SemiBatch:
    """As many pairs as unpaired pictures of each kind."""

    paired: Batch
    unpaired: Batch

    def __len__(self) -> int:
        return len(self.unpaired)

    def __getitem__(self, which: slice) -> "SemiBatch":
        return SemiBatch(self.paired[which], self.unpaired[which])

    def apply(self, change: Callable[[Tensor], Tensor]) -> "SemiBatch":
        """Return the batch with `change` made to each of its tensors."""
        return SemiBatch(self.paired.apply(change), self.unpaired.apply(change))


class Pictures(Protocol):
    """A source of batches."""

    @property
    def split_sha256(self) -> str:
        """Identifies which pictures train and which are held out."""

    @property
    def summary(self) -> str:
        """How many pictures there are, in words."""

    def batch_of(self, step: int) -> Batch | SemiBatch:
        """Return the batch of one step, a pure function of the recipe's seed and the step."""


def stack(pictures: Iterable[Pixels]) -> Tensor:
    """Return pictures of one size, `(H, W, 3)` uint8, as `(N, 3, H, W)` float32 in [-1, 1]."""
    return torch.from_numpy(np.concatenate([to_tensor(picture) for picture in pictures]))
