"""Codewords that nothing comes near, put to use (after Linde, Buzo and Gray 1980: splitting)."""

from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.models.vector_quantizer import VectorQuantizer
from nijigan.core.training.part import Part, source_of
from nijigan.core.training.world import World

_APART = 0.01
"""How far a codeword is put from the one it is to relieve, in the codebook's root mean square."""


class IdleCodewords(nn.Module):
    """Counts for how long each codeword has been idle, and splits a busy one in its stead.

    A codeword learns only from places that are nearest to it: one that has none stays where it is
    for good, and a codebook can shrink to a handful. After `patience` idle steps it is put beside
    another, each as likely as it is busy; from then on the two share what that one had alone.

    Args:
        count: of codewords.
        patience: idle steps, 1 or more.
        world: the processes that train together.
    """

    idle: Tensor

    def __init__(self, count: int, patience: int, world: World) -> None:
        super().__init__()
        self.patience = patience
        self.world = world
        self.register_buffer("idle", torch.zeros(count, dtype=torch.int64))
        self._seen: dict[int, Tensor] = {}
        self._source = torch.Generator()

    def see(self, part: Part[Any], indices: Tensor) -> None:
        """Take the codewords of a part's pictures, int64 of any shape."""
        self._source = source_of(part.seed, part.step, stream=1)
        self._seen[part.first] = torch.bincount(indices.flatten(), minlength=len(self.idle))

    @torch.no_grad()
    def split(self, quantizer: VectorQuantizer) -> None:
        """Count this step's codewords, and move those that have been idle for too long."""
        here = torch.stack(list(self._seen.values())).sum(0)
        self._seen.clear()
        used = self.world.gather(here[None]).sum(0)
        self.idle.copy_(torch.where(used > 0, 0, self.idle + 1))
        late = (self.idle >= self.patience).nonzero().flatten()
        if not len(late):
            return
        words = quantizer.embedding.weight
        busy = torch.multinomial(used.double().cpu(), len(late), True, generator=self._source)
        noise = torch.randn(len(late), words.shape[1], generator=self._source).to(words)
        words[late] = words[busy.to(late)] + _APART * words.square().mean().sqrt() * noise
        self.idle[late] = 0
