"""Changes the colors of pictures at random, so that a network meets more palettes."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

HUE = 0.2
"""Most turns of the color circle, either way."""
SATURATION = 0.5
"""Most that the saturation grows or shrinks by, of itself."""
BRIGHTNESS = 0.2
"""Most that is added or taken away, of the range from black to white."""


def jitter_colors(pictures: Tensor, amount: float, choices: Tensor) -> Tensor:
    """Return pictures, each with a hue, saturation and brightness of its own.

    Args:
        pictures: `(N, 3, H, W)` in [-1, 1].
        amount: 0 changes nothing, 1 as much as this module's constants say.
        choices: `(N, 3)` random numbers between -1 and 1: of hue, saturation and brightness.

    Returns:
        `(N, 3, H, W)` in [-1, 1], cut off where a color would leave it.
    """
    turn, saturation, brightness = amount * choices.cpu().double().numpy().T
    matrices = [
        color_matrix(2 * math.pi * HUE * t, 1 + SATURATION * s)
        for t, s in zip(turn, saturation, strict=True)
    ]
    matrix = torch.tensor(np.stack(matrices), dtype=pictures.dtype, device=pictures.device)
    shift = torch.tensor(2 * BRIGHTNESS * brightness, dtype=pictures.dtype, device=pictures.device)
    changed = torch.einsum("nij,njhw->nihw", matrix, pictures) + shift.view(-1, 1, 1, 1)
    return changed.clamp(-1, 1)


def color_matrix(angle: float, saturation: float) -> NDArray[np.float64]:
    """Return the matrix on (R, G, B) that turns colors about the gray axis and scales them off it.

    Args:
        angle: in radians; a third of a turn makes red green.
        saturation: factor of the distance to gray.

    Returns:
        `(3, 3)` float64: by Rodrigues' formula, with grays where they were.
    """
    gray: NDArray[np.float64] = np.full((3, 3), 1 / 3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    turned: NDArray[np.float64] = math.cos(angle) * (np.eye(3) - gray) + math.sin(angle) * cross
    return gray + saturation * turned
