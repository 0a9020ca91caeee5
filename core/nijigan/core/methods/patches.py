"""The same random patches of two pictures, as a generator's encoder sees them, projected."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from nijigan.core.config import TrainConfig
from nijigan.core.errors import ConfigError
from nijigan.core.models import Generator
from nijigan.core.models.patch_sample import PatchSample, draw_positions
from nijigan.core.nearest import did_you_mean
from nijigan.core.training.machine import autocast, dtype_of
from nijigan.core.training.part import Part, source_of


@runtime_checkable
class Tapped(Protocol):
    """A generator that shows what it holds of a picture on the way."""

    taps: tuple[str, ...]

    def features(self, image: Tensor, taps: Sequence[str]) -> dict[str, Tensor]:
        """Return what it holds at each of `taps`, `(N, C, H', W')`; what follows is not run."""


class Patches:
    """Queries of a drawing and keys of its source: `(N, P, width)` for each tap, of length 1.

    Args:
        generator: whose encoder looks.
        taps: where; empty: the first five that the generator has, as CUT does.
        width: of a projected feature.
        count: patches of each picture and tap.
        config: of the run.

    Raises:
        ConfigError: a generator without taps, or a tap that it does not have.
    """

    def __init__(
        self,
        generator: Generator,
        taps: Sequence[str],
        width: int,
        count: int,
        config: TrainConfig,
    ) -> None:
        if not isinstance(generator, Tapped):
            raise ConfigError(
                f"{type(generator).__name__} shows no features on the way.",
                "Set model.name = 'nijigan' or 'cut_resnet9'.",
            )
        for tap in taps:
            if tap not in generator.taps:
                raise ConfigError(f"No tap '{tap}'.", did_you_mean(tap, generator.taps))
        self.generator = generator
        self.taps = tuple(taps) or generator.taps[:5]
        self.count = count
        self.config = config
        self.projection = PatchSample(self._channels(), width)

    def _channels(self) -> list[int]:
        """Return the channels of each tap, measured on a blank picture."""
        blank = next(self.generator.parameters()).new_zeros(1, 3, 64, 64)
        with torch.no_grad():
            return [tap.shape[1] for tap in self._features(blank)]

    def pairs(
        self,
        drawing: Tensor,
        source: Tensor,
        part: Part[Any],
        stream: int,
        projection: PatchSample | None = None,
        mirrored: bool = False,
    ) -> list[tuple[Tensor, Tensor]]:
        """Return (query, key) for each tap, at places that are drawn for the step.

        Args:
            drawing: `(N, 3, H, W)`; gradients reach it.
            source: of the same size; none reach it.
            part: of which step this is.
            stream: a number for each use in a step; it decides the places with the step.
            projection: another one than the own.
            mirrored: whether `drawing` is of the mirrored source: its features are turned back.
        """
        projection = projection or self.projection
        seen = self._features(drawing)
        if mirrored:
            seen = [tap.flip(3) for tap in seen]
        places = draw_positions(seen, self.count, source_of(part.seed, part.step, stream))
        queries = projection(seen, places)
        with torch.no_grad():
            keys = projection(self._features(source), places)
        return list(zip(queries, keys, strict=True))

    def _features(self, image: Tensor) -> list[Tensor]:
        assert isinstance(self.generator, Tapped)  # seen to at the beginning
        with autocast(self.config):
            found = self.generator.features(image, self.taps)
        return [found[tap].to(dtype_of(self.config)) for tap in self.taps]


def mean_of(losses: Sequence[Tensor]) -> Tensor:
    """Return the mean of scalars: contrastive losses are averaged over the taps."""
    return torch.stack(tuple(losses)).mean()
