"""Where the time of a run goes on an engine that has a device of its own."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DeviceTimes:
    """Milliseconds, by the device's own clock."""

    upload_ms: float
    compute_ms: float
    download_ms: float


@runtime_checkable
class HasDevice(Protocol):
    """An engine that can tell them."""

    def device_times(self, image: NDArray[np.float32], strength: float) -> DeviceTimes:
        """Draw once and return where the time went."""
        ...
