"""Tells the person in a photo from what is behind, by a small network."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nijigan.core.images import resize, to_tensor
from nijigan.server.avatar.network import Network

U8 = NDArray[np.uint8]

# The square that the network looks at, in pixels.
_SIDE = 256
# What the network calls a person by less is none, by more is one; between, alpha rises smoothly.
# Its own edge is a few of its pixels wide, which would be a halo.
_NONE, _SURE = 0.35, 0.75


class PersonFinder:
    """Tells a person from what is behind. Any number of threads may call."""

    def __init__(self) -> None:
        self._network = Network("person.onnx")

    def alpha(self, rgb: U8) -> U8:
        """Return alpha `(H, W)` of the person in `(H, W, 3)`."""
        height, width = rgb.shape[:2]
        seen = (to_tensor(resize(rgb, _SIDE, _SIDE)) + 1) * np.float32(0.5)  # it wants 0…1
        (person,) = self._network.run(seen)
        large = Image.fromarray(person[0, 0]).resize((width, height), Image.Resampling.BICUBIC)
        x = ((np.asarray(large) - _NONE) / (_SURE - _NONE)).clip(0, 1)
        alpha: U8 = np.rint(255 * x * x * (3 - 2 * x)).astype(np.uint8)
        return alpha
