"""What all engines share: a graph gives the drawing, or the statistics it is drawn by."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from nijigan.server.cancel import Cancel

F32 = NDArray[np.float32]


class GraphEngine(ABC):
    """An `Engine` that fetches one output of its graph at a time."""

    name: str

    def run(
        self,
        image: F32,
        strength: float,
        cancel: Cancel,
        norm_stats: F32 | None = None,
    ) -> F32:
        """See `Engine.run`."""
        return self._fetch("drawn", image, strength, cancel, norm_stats)

    def measure(self, image: F32, strength: float, cancel: Cancel) -> F32:
        """See `Engine.measure`."""
        return self._fetch("measured_norm_stats", image, strength, cancel, None)

    @abstractmethod
    def _fetch(
        self, output: str, image: F32, strength: float, cancel: Cancel, norm_stats: F32 | None
    ) -> F32:
        """Run the graph and return the output of that name."""
