"""The `cel` teacher: flat regions in few tones under colored ink, as on a painted cel.

Edge-preserving smoothing by L0 gradient minimization (Xu et al. 2011), soft quantization of
lightness (Winnemöller et al. 2006), lines by flow-based difference of Gaussians (Kang et al. 2007);
all of it in Oklab, so that a threshold means the same in shadow, skin and sky.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nijigan.core.teachers.color import oklab_from_srgb, srgb_from_oklab
from nijigan.core.teachers.flow import edge_flow, smooth_along
from nijigan.core.teachers.ink_pen import InkPen
from nijigan.core.teachers.l0_smoothing import l0_smooth
from nijigan.core.teachers.quantize import soft_quantize
from nijigan.core.teachers.saturate import saturate

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Cel:
    """Draws a photo in the manner of a cel. Lengths in pixels, for a short side of about 512.

    A call takes and returns an sRGB picture, float32, H×W×3 in [0, 1].
    """

    smoothness: float = 0.0012
    """L0 weight: the squared Oklab step below which an edge is painted over."""
    levels: int = 8
    """Steps of lightness from black to white."""
    sharpness: float = 4.0
    """How hard the border between two tones is."""
    saturation: float = 1.3
    """Gain of faint colors; strong ones are raised less and the strongest not at all."""
    ink_opacity: float = 0.85
    """Coverage of a solid line."""
    pen: InkPen = field(default_factory=InkPen)

    def __call__(self, photo: F32) -> F32:
        """Draw the photo."""
        lab = oklab_from_srgb(photo)
        flow = edge_flow(lab, sigma=2.0)
        # grain would start regions and lines of its own; along the edges nothing is lost
        calm = smooth_along(lab, flow, sigma=1.5)
        flat = l0_smooth(calm, self.smoothness)
        ink = self.pen.draw(0.5 * calm[..., 0] + 0.5 * flat[..., 0], flow)
        tones = self._tones(flat)
        # quantization leaves ragged borders between tones; a brush would not
        tones = smooth_along(tones, edge_flow(tones, sigma=2.0), sigma=3.0)
        return srgb_from_oklab(self._inked(tones, ink))

    def _tones(self, flat: F32) -> F32:
        vivid = saturate(flat, self.saturation)
        vivid[..., 0] = soft_quantize(flat[..., 0], self.levels, self.sharpness)
        return vivid

    def _inked(self, tones: F32, ink: F32) -> F32:
        """Lines take the color of what they lie on, darkened: black ink would cut out faces."""
        coverage = (self.ink_opacity * ink)[..., None]
        ink_color = tones * np.array([0.25, 0.5, 0.5], np.float32)
        return tones * (1 - coverage) + ink_color * coverage
