"""What a style's graph is given, whatever runs it."""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def feed(
    image: F32, strength: float, numbers: int | None, norm_stats: F32 | None = None
) -> dict[str, F32]:
    """Return the graph's inputs by name.

    Args:
        image: `(N, 3, H, W)` in [-1, 1].
        strength: 0…1.
        numbers: how many statistics a picture has; None where the graph takes none.
        norm_stats: `(N, numbers)` to draw by, where not by the image's own.
    """
    inputs: dict[str, F32] = {"image": image, "strength": np.array(strength, np.float32)}
    if numbers is not None:
        none = np.zeros((len(image), numbers), np.float32)
        inputs["norm_stats"] = none if norm_stats is None else norm_stats
        inputs["norm_mix"] = np.array(norm_stats is not None, np.float32)
    return inputs
