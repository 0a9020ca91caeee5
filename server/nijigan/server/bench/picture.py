"""What is drawn while something is timed: noise, which no engine can take a short cut through."""

import numpy as np
from numpy.typing import NDArray

from nijigan.core.images import pad_to_multiple, to_tensor


def noise_picture(width: int, height: int, multiple: int) -> NDArray[np.float32]:
    """Return `(1, 3, H, W)` in [-1, 1], H and W the next multiples of `multiple`."""
    levels = 255 * (noise(3, height, width)[0].transpose(1, 2, 0) + 1) / 2
    return to_tensor(pad_to_multiple(levels.astype(np.uint8), multiple))


def noise(channels: int, height: int, width: int) -> NDArray[np.float32]:
    """Return `(1, channels, H, W)`, even in [-1, 1], the same every time."""
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (1, channels, height, width)).astype(np.float32)
