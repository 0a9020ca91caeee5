"""The pictures of a step that are looked at together: a batch, or what one process has of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Protocol, Self, TypeVar

import torch
from torch import Tensor

from nijigan.core.errors import ConfigError


class Sliceable(Protocol):
    """A batch: tensors of as many pictures each."""

    def __len__(self) -> int: ...

    def __getitem__(self, which: slice) -> Self: ...


B = TypeVar("B", bound=Sliceable)


@dataclass(frozen=True)
class Part(Generic[B]):
    """Some of a step's pictures.

    A loss that is a mean over the pictures at strength 1 alone must count for as many as there are
    here: `full_share` is the factor that makes the mean over all parts the mean over all pictures,
    and `rest_share` the one for the others.
    """

    batch: B
    strength: Tensor
    """`(N,)`, 0…1, one per picture."""
    step: int
    seed: int
    first: int
    """Place of the first picture in the step's whole batch."""
    whole: int
    """Pictures in that batch."""
    full_share: float
    rest_share: float

    @property
    def full(self) -> Tensor:
        """Which pictures are at strength 1, `(N,)` bool."""
        return self.strength == 1.0

    def random(self, draw: Callable[..., Tensor], *shape: int, stream: int = 0) -> Tensor:
        """Return random numbers, `(N, *shape)`: a function of seed, step, stream and the pictures'
        places in the whole batch, however it is divided.

        Args:
            draw: `torch.randn` or `torch.rand`.
            shape: of one picture's numbers.
            stream: another number for each use in a step.
        """
        numbers = draw(self.whole, *shape, generator=source_of(self.seed, self.step, stream))
        return numbers[self.first : self.first + len(self.strength)].to(self.strength)


def source_of(seed: int, step: int, stream: int) -> torch.Generator:
    """Return a source of random numbers for one use in one step."""
    # Odd factors mix all bits of the three; the sum is taken as 64 bits.
    mixed = seed * 0x9E3779B97F4A7C15 + step * 0xD1B54A32D192ED03 + stream * 0x8CB92BA72F3D8DD7
    return torch.Generator().manual_seed(mixed % 2**63)


def whole_part(batch: B, strength: Tensor, step: int, seed: int) -> Part[B]:
    """Return all of a step's pictures as one part."""
    return Part(batch, strength, step, seed, 0, len(strength), 1.0, 1.0)


def divide(whole: Part[B], mine: slice, passes: int) -> list[Part[B]]:
    """Return this process's pictures in `passes` parts of equal size.

    Raises:
        ConfigError: they cannot be divided evenly.
    """
    count = mine.stop - mine.start
    each, rest = divmod(count, passes)
    if rest:
        raise ConfigError(
            f"{count} pictures in train.accumulate = {passes} passes.",
            "Set data.batch to a multiple of it.",
        )
    starts = range(mine.start, mine.stop, each)
    return [_slice(whole, slice(start, start + each)) for start in starts]


def _slice(whole: Part[B], which: slice) -> Part[B]:
    part = replace(
        whole, batch=whole.batch[which], strength=whole.strength[which], first=which.start
    )
    return replace(
        part,
        full_share=_share(part.full, whole.full),
        rest_share=_share(~part.full, ~whole.full),
    )


def _share(here: Tensor, everywhere: Tensor) -> float:
    """Return how much more frequent something is here than everywhere."""
    often = float(everywhere.float().mean())
    return float(here.float().mean()) / often if often else 0.0
