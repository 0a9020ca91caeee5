"""What is behind the person: kept, made transparent, or replaced by a color."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from nijigan.core.errors import UsageError
from nijigan.core.images import Picture

U8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Background:
    """kind: "keep", "transparent" or "color". color: RGB, each 0…255."""

    kind: str
    color: tuple[int, int, int] = (0, 0, 0)

    def behind(self, picture: Picture, alpha: U8) -> Picture:
        """Return the person of a picture before this. alpha: the person's, `(H, W)`."""
        if self.kind == "keep":
            return picture
        if picture.alpha is not None:
            alpha = np.minimum(alpha, picture.alpha)
        if self.kind == "transparent":  # what was there must not be left behind it
            return Picture(np.where(alpha[..., None] > 0, picture.rgb, np.uint8(0)), alpha)
        part = alpha[..., None].astype(np.float32) / 255
        mixed = picture.rgb * part + np.array(self.color, np.float32) * (1 - part)
        return Picture(np.rint(mixed).astype(np.uint8))


def parse_background(text: str) -> Background:
    """Read "keep", "transparent" or a color, such as "#ff8800" or "orange".

    Raises:
        UsageError: none of them.
    """
    if text in ("keep", "transparent"):
        return Background(text)
    try:
        red, green, blue = ImageColor.getrgb(text)[:3]
    except ValueError as error:
        raise UsageError(
            f"The background is {text!r}.", "Give keep, transparent or a color such as #ff8800."
        ) from error
    return Background("color", (red, green, blue))
