"""How sharp a face is, whatever its size in the picture."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nijigan.core.images import resize
from nijigan.server.avatar.face import Face

# The face is looked at with this side, in pixels: eyes, nose and mouth are still there.
_SIDE = 64


def sharpness(rgb: NDArray[np.uint8], face: Face) -> float:
    """Return how strong a face's finest detail is beside its coarser: 0 flat, about 1 crisp.

    The face is brought to 64 pixels, and the standard deviation of its Laplacian divided by that
    of its gray levels, so that neither the picture's size nor its contrast counts (the variance of
    the Laplacian as a measure of focus: J. L. Pech-Pacheco et al., ICPR 2000).
    """
    height, width = rgb.shape[:2]
    top, bottom = (round(y) for y in (max(face.top, 0), min(face.top + face.height, height)))
    left, right = (round(x) for x in (max(face.left, 0), min(face.left + face.width, width)))
    if bottom - top < 2 or right - left < 2:
        return 0.0
    gray = np.asarray(Image.fromarray(rgb[top:bottom, left:right]).convert("L"))
    x = resize(gray, _SIDE, _SIDE).astype(np.float32)
    laplacian = x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:] - 4 * x[1:-1, 1:-1]
    contrast = float(x.std())
    return float(laplacian.std()) / contrast if contrast > 1 else 0.0
