"""Whether a drawing turns day to night, night to day, or colors to others.

Unpaired training allows both: nothing ties a color of the photo to one of the drawing. A style may
darken and tint; here a picture has to pass from one end to the other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nijigan.core.metrics.luma import luma

DAY, NIGHT = 110.0, 60.0
"""Median luma, of 255, from which on it is day, and up to which it is night; between, neither."""

_SKY = 3  # the upper third, as there is no telling where the sky ends
_SIDE = 64  # what is smaller than 1/64 of the picture is line and texture, not a color of it
_GREY = 12.0  # chroma, of 255, below which a color has no hue to speak of
_TURN = np.deg2rad(60)  # from one of the six hues of the color circle to the next
_MOST = 1 / 3


@dataclass(frozen=True)
class Turn:
    """What became of a photo."""

    to_night: bool
    to_day: bool
    hue_share: float
    """Part of the color, in area times chroma, whose hue turned by more than 60°, in [0, 1]."""

    @property
    def flipped(self) -> bool:
        """Whether day and night changed places."""
        return self.to_night or self.to_day

    @property
    def recolored(self) -> bool:
        """Whether more than a third of the color has another hue."""
        return self.hue_share > _MOST


def turned(photo: NDArray[np.uint8], drawn: NDArray[np.uint8]) -> Turn:
    """Compare a drawing with its photo, both `(H, W, 3)`; of one photo with itself nothing turns.

    Day and night are told by the median luma of the whole picture and of its upper third: it is
    enough that one of the two changed from day to night or back. Hue is the angle in the plane of
    Rec. 601 blue and red differences, at 64×64 pixels; each place counts by the geometric mean of
    its chromas in both pictures, and where either is grey, not at all.
    """
    regions = [(luma(photo), luma(drawn))]
    regions += [(p[: len(p) // _SKY], d[: len(d) // _SKY]) for p, d in regions]
    lights = [(float(np.median(p)), float(np.median(d))) for p, d in regions]
    return Turn(
        to_night=any(p >= DAY and d <= NIGHT for p, d in lights),
        to_day=any(p <= NIGHT and d >= DAY for p, d in lights),
        hue_share=_hue_share(_chroma(photo), _chroma(drawn)),
    )


def _chroma(rgb: NDArray[np.uint8]) -> NDArray[np.complex128]:
    """Return blue difference + i · red difference of the picture at 64×64, in levels."""
    image = Image.fromarray(rgb).convert("YCbCr").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    _y, blue, red = np.moveaxis(np.asarray(image, np.float64), -1, 0)
    plane: NDArray[np.complex128] = (blue - 128) + 1j * (red - 128)
    return plane


def _hue_share(photo: NDArray[np.complex128], drawn: NDArray[np.complex128]) -> float:
    colored = (np.abs(photo) >= _GREY) & (np.abs(drawn) >= _GREY)
    product = photo[colored] * drawn[colored].conj()
    weight = np.sqrt(np.abs(product))
    if not weight.size:
        return 0.0
    return float(weight[np.abs(np.angle(product)) > _TURN].sum() / weight.sum())
