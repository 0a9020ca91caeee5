"""The `ink` teacher: black lines on paper, in flat grays.

Halftone dots are not here: a network cannot learn what depends on the place in the picture alone.
They are put over its grays when it draws.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from nijigan.core.teachers.color import oklab_from_srgb, srgb_from_oklab
from nijigan.core.teachers.flow import Flow, edge_flow, smooth_along
from nijigan.core.teachers.ink_pen import InkPen, smoothstep
from nijigan.core.teachers.l0_smoothing import l0_smooth

F32 = NDArray[np.float32]

_BESIDE = 9
"""Pixels: lines within this square are of one edge, which gets one of them."""
_LIGHT_FIRST = 2
"""How much fainter a line of lightness may be than one of color, to be the one that is drawn."""


@dataclass(frozen=True)
class Ink:
    """Draws a photo with pen and brush. Lengths in pixels, for a short side of about 512.

    A call takes and returns an sRGB picture, float32, H×W×3 in [0, 1]; the result is gray.
    """

    smoothness: float = 0.002
    """L0 weight: the squared Oklab step below which an edge is painted over."""
    tones: tuple[float, ...] = (0.0, 0.5, 0.78, 1.0)
    """Lightness of solid black, the grays, and paper."""
    borders: tuple[float, ...] = (0.27, 0.46, 0.64)
    """Lightness of the photo where one tone ends and the next begins."""
    softness: float = 0.01
    """Half of the width of a border, in lightness."""
    pen: InkPen = field(default_factory=lambda: InkPen(width=1.1, length=5.0, full=0.02))
    colored: InkPen = field(
        default_factory=lambda: InkPen(width=1.1, length=5.0, faintest=0.004, full=0.012)
    )
    """Draws the edges that color alone has."""

    def __call__(self, photo: F32) -> F32:
        """Draw the photo."""
        lab = oklab_from_srgb(photo)
        flow = edge_flow(lab, sigma=2.0)
        calm = smooth_along(lab, flow, sigma=2.0)
        flat = l0_smooth(calm, self.smoothness)
        ink = self._drawn_lines(0.5 * calm + 0.5 * flat, flow)
        toned = self._toned(flat[..., 0])[..., None]
        toned = smooth_along(toned, edge_flow(toned, sigma=2.0), sigma=3.0)[..., 0]
        lightness = toned * (1 - ink)
        gray = np.stack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)], axis=2)
        return srgb_from_oklab(gray.astype(np.float32))

    def _drawn_lines(self, lab: F32, flow: Flow) -> F32:
        """Return coverage by ink, 0…1: on the dark side of edges; and where an edge is one of color
        alone, on its green or its blue side, so that things which are equally light have outlines.
        """
        ink = self.pen.draw(lab[..., 0], flow)
        green, blue = (self.colored.draw(lab[..., channel], flow) for channel in (1, 2))
        color = np.where(_around(green) >= _around(blue), green, blue)
        drawn: F32 = np.where(_LIGHT_FIRST * _around(ink) >= _around(color), ink, color)
        return drawn

    def _toned(self, lightness: F32) -> F32:
        """Each border that lightness passes adds the step to the next tone."""
        toned = np.full_like(lightness, self.tones[0])
        for border, (below, above) in zip(
            self.borders, zip(self.tones, self.tones[1:], strict=False), strict=True
        ):
            step = smoothstep(border - self.softness, border + self.softness, lightness)
            toned += (above - below) * step
        return toned


def _around(ink: F32) -> F32:
    darkest: F32 = maximum_filter(ink, size=_BESIDE)
    return darkest
