"""Codewords that nothing comes near, put to use: the random restarts of Jukebox.

Dhariwal et al. 2020, arXiv 2005.00341, section 3.1.
"""

from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.models.vector_quantizer import Quantized, VectorQuantizer
from nijigan.core.training.part import Part, source_of
from nijigan.core.training.world import World


class IdleCodewords(nn.Module):
    """Counts for how long each codeword has been idle, and then puts it where features are.

    A codeword learns only from places that are nearest to it: one that has none stays where it is
    for good, and a codebook can shrink to a handful. After `patience` idle steps it becomes the
    features of a random place of the step's pictures.

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
        self._seen: dict[int, tuple[Tensor, Tensor]] = {}
        self._source = torch.Generator()

    def see(self, part: Part[Any], *contents: Quantized) -> None:
        """Take what the quantizer made of a part's pictures, of one kind or more."""
        self._source = source_of(part.seed, part.step, stream=2)
        # By picture, so that it does not matter how a batch is divided.
        features = torch.cat([c.features.detach().flatten(2) for c in contents], dim=2)
        indices = torch.cat([c.indices.flatten(1) for c in contents], dim=1)
        self._seen[part.first] = features.movedim(1, 2), indices

    @torch.no_grad()
    def restart(self, quantizer: VectorQuantizer) -> None:
        """Count this step's codewords, and move those that have been idle for too long."""
        seen = [self._seen[first] for first in sorted(self._seen)]
        self._seen.clear()
        features, indices = (
            self.world.gather(torch.cat(kind)).flatten(0, 1) for kind in zip(*seen, strict=True)
        )
        used = torch.bincount(indices, minlength=len(self.idle))
        self.idle.copy_(torch.where(used > 0, 0, self.idle + 1))
        late = (self.idle >= self.patience).nonzero().flatten()
        places = torch.randint(len(features), (len(late),), generator=self._source)
        words = quantizer.embedding.weight
        words[late] = features[places.to(features.device)].to(words)
        self.idle[late] = 0
