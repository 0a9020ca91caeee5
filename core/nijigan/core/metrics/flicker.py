"""How much a drawn animation flickers beyond its motion.

The warping error of W.-S. Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018: the
earlier frame is moved along the motion and compared with the later one where both show the same.
Theirs is a mean square under motion that is estimated; here it is a mean absolute difference, so
that it is in levels, under motion that is known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import UsageError

F32 = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Flicker:
    """What changes from one frame to the next: mean absolute differences in 8-bit levels."""

    drawn: float
    """Between the drawn frames, the earlier one moved along."""
    source: float
    """The same of the frames they were drawn from: what resampling, shading and noise alone do."""
    unmoved: float
    """Between the drawn frames as they are: the motion and the flicker together."""

    @property
    def share(self) -> float:
        """What the motion does not explain of the change: 0 none … 1 all; 0 where none changed.

        Unlike levels, it does not fall with the contrast of the drawing.
        """
        return self.drawn / self.unmoved if self.unmoved else 0.0


def flicker(
    drawn: tuple[Pixels, Pixels],
    source: tuple[Pixels, Pixels],
    motion: F32,
    visible: NDArray[np.bool_],
) -> Flicker:
    """Compare two frames that follow each other.

    Args:
        drawn: the earlier and the later one, `(H, W, 3)`.
        source: what they were drawn from, of the same shape.
        motion: `(H, W, 2)`, by how many pixels right and down what a pixel of the later frame
            shows has moved since the earlier one.
        visible: `(H, W)`, whether a pixel of the later frame shows what the earlier one also does.
            Where the motion comes from outside the frame, pixels do not count either.

    Raises:
        UsageError: shapes that differ, or no pixel that counts.
    """
    height, width = visible.shape
    shapes = {frame.shape for frame in (*drawn, *source)}
    if shapes != {(height, width, 3)} or motion.shape != (height, width, 2):
        raise UsageError(
            f"Frames of {sorted(shapes)}, motion of {motion.shape}, a mask of {visible.shape}.",
            "Give (H, W, 3), (H, W, 2) and (H, W).",
        )
    y, x = np.indices((height, width), np.float32)
    x, y = x - motion[..., 0], y - motion[..., 1]
    counted = visible & (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    if not counted.any():
        raise UsageError(
            "The two frames show nothing in common.", "Give frames that follow each other."
        )
    x, y = x[counted], y[counted]

    def change(before: F32, after: Pixels) -> float:
        return float(np.abs(after[counted] - before).mean(dtype=np.float64))

    return Flicker(
        drawn=change(bilinear(drawn[0], x, y), drawn[1]),
        source=change(bilinear(source[0], x, y), source[1]),
        unmoved=change(drawn[0][counted].astype(np.float32), drawn[1]),
    )


def bilinear(rgb: Pixels, x: F32, y: F32) -> F32:
    """Return `(N, 3)` values of a picture at N places inside it, in pixels from its first one."""
    height, width = rgb.shape[:2]
    left, top = np.minimum(x.astype(int), width - 2), np.minimum(y.astype(int), height - 2)
    across, down = (x - left)[:, None], (y - top)[:, None]
    upper = rgb[top, left] * (1 - across) + rgb[top, left + 1] * across
    lower = rgb[top + 1, left] * (1 - across) + rgb[top + 1, left + 1] * across
    values: F32 = upper * (1 - down) + lower * down
    return values
