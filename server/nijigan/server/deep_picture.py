"""Pictures of more than 8 bits, and of light that is brighter than white."""

from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import ImageError
from nijigan.core.images import Picture
from nijigan.core.srgb_curve import linear_from_srgb, srgb_from_linear

F32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DeepPicture:
    """An sRGB picture in float32.

    rgb: `(H, W, 3)` in [0, 1]. alpha: `(H, W)`, not premultiplied; None where it is opaque. light:
    `(H, W)`, 1 or more: what linear light is to be multiplied with; None where that is 1. A network
    knows nothing brighter than white, so it draws `rgb`, and what it drew is as bright as before.
    """

    rgb: F32
    alpha: F32 | None = None
    light: F32 | None = None

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.rgb.shape[0])

    def with_rgb(self, rgb: F32) -> Self:
        """Return a picture of other colors, and the same alpha and light."""
        return replace(self, rgb=rgb)

    def cut(self, rows: slice, columns: slice) -> Self:
        """Return a part of the picture."""
        alpha, light = (
            None if plane is None else plane[rows, columns] for plane in (self.alpha, self.light)
        )
        return replace(self, rgb=self.rgb[rows, columns], alpha=alpha, light=light)

    @classmethod
    def from_linear(cls, rgb: F32, alpha: F32 | None) -> Self:
        """Return the picture whose linear light is `rgb`; what is below 0 becomes 0.

        Raises:
            ImageError: a value is infinite or no number.
        """
        if not np.isfinite(rgb).all() or (alpha is not None and not np.isfinite(alpha).all()):
            raise ImageError(
                "The picture has values that are infinite or not numbers.",
                "Mend what made them, or send 0 in their place.",
            )
        rgb = rgb.clip(0)
        light = rgb.max(axis=2).clip(1)
        if light.max() > 1:
            rgb = rgb / light[..., None]
        encoded = srgb_from_linear(rgb).astype(np.float32)
        return cls(encoded, alpha, light if light.max() > 1 else None)

    def linear(self) -> F32:
        """Return the linear light, `(H, W, 3)`."""
        linear = linear_from_srgb(self.rgb).astype(np.float32)
        return linear if self.light is None else linear * self.light[..., None]


class Colors(Protocol):
    """A `Picture` or a `DeepPicture`."""

    @property
    def rgb(self) -> NDArray[Any]:
        """See there."""

    @property
    def width(self) -> int:
        """In pixels."""

    @property
    def height(self) -> int:
        """In pixels."""

    def with_rgb(self, rgb: NDArray[Any]) -> Self:
        """Return a picture of other colors."""

    def cut(self, rows: slice, columns: slice) -> Self:
        """Return a part of the picture."""


AnyPicture = TypeVar("AnyPicture", bound=Colors)


def deep(picture: Picture | DeepPicture) -> DeepPicture:
    """Return a picture as a deep one."""
    if isinstance(picture, DeepPicture):
        return picture
    alpha = picture.alpha
    return DeepPicture(_fractions(picture.rgb), None if alpha is None else _fractions(alpha))


def eight_bits(picture: Picture | DeepPicture) -> Picture:
    """Return a picture in 8 bits; what is brighter than white becomes as bright as its hue can."""
    if isinstance(picture, Picture):
        return picture
    return Picture(
        _rounded(picture.rgb), None if picture.alpha is None else _rounded(picture.alpha)
    )


def _rounded(values: F32) -> NDArray[np.uint8]:
    levels: NDArray[np.uint8] = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    return levels


def _fractions(levels: NDArray[np.uint8]) -> F32:
    return np.divide(levels, 255, dtype=np.float32)
