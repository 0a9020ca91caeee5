"""Earlier pictures that a discriminator is shown instead of the latest (Shrivastava 2017)."""

from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.training.part import Part, source_of
from nijigan.core.training.world import World


class ImagePool(nn.Module):
    """The last drawings of a generator, and a stock of earlier ones, as CycleGAN has it.

    Until the stock is full, every drawing goes into it and is shown. After that, every second one
    takes the place of a random one in the stock, and that one is shown instead: a discriminator
    that sees the past does not swing to and fro with the generator.

    The stock is that of the whole batch: all processes keep the same one. Drawings at strengths
    below 1 stay out of it.

    Args:
        size: pictures in the stock; 0: none, the latest are shown.
        side: of the pictures, in pixels.
        stream: a number for the random choices; another one for each pool of a method.
        world: the processes that train together.
    """

    pictures: Tensor
    count: Tensor

    def __init__(self, size: int, side: int, stream: int, world: World) -> None:
        super().__init__()
        self.stream = stream
        self.world = world
        self.register_buffer("pictures", torch.zeros(size, 3, side, side))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))
        self._latest: dict[int, tuple[Tensor, Tensor]] = {}
        self._shown: Tensor | None = None

    def keep(self, part: Part[Any], drawings: Tensor) -> None:
        """Take what was drawn of a part, `(N, 3, side, side)`, for this step's discriminator."""
        self._latest[part.first] = drawings.detach(), part.strength
        self._shown = None

    def shown(self, part: Part[Any]) -> Tensor:
        """Return what to show of a part, `(N, 3, side, side)`, once all parts have been kept.

        Every process must ask for one of its parts.
        """
        if self._shown is None:
            latest = [self._latest[first] for first in sorted(self._latest)]
            drawings, strengths = (
                self.world.gather(torch.cat(kind)) for kind in zip(*latest, strict=True)
            )
            self._shown = self._exchange(drawings, strengths == 1.0, part)
        return self._shown[part.first : part.first + len(part.strength)]

    def _exchange(self, drawings: Tensor, full: Tensor, part: Part[Any]) -> Tensor:
        """Return a step's drawings, some of them exchanged for earlier ones."""
        size = len(self.pictures)
        if not size:
            return drawings
        source = source_of(part.seed, part.step, self.stream)
        old = (torch.rand(len(drawings), generator=source) < 0.5).tolist()
        places = torch.randint(size, (len(drawings),), generator=source).tolist()
        shown = drawings.clone()
        for number in full.nonzero().flatten().tolist():
            if self.count < size:
                self.pictures[self.count] = drawings[number]
                self.count += 1
            elif old[number]:
                shown[number] = self.pictures[places[number]]
                self.pictures[places[number]] = drawings[number]
        return shown
