"""The `daylight` teacher: the look of a painted background, in clear and luminous color.

What `cel` does, with more tones and thinner lines; then light: shadows are lifted and cooled, what
is bright is warmed and glows.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from nijigan.core.teachers.color import oklab_from_srgb, srgb_from_oklab
from nijigan.core.teachers.flow import edge_flow, smooth_along
from nijigan.core.teachers.ink_pen import InkPen, smoothstep
from nijigan.core.teachers.l0_smoothing import l0_smooth
from nijigan.core.teachers.quantize import soft_quantize
from nijigan.core.teachers.saturate import saturate

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Daylight:
    """Paints a photo. Lengths in pixels, for a short side of about 512.

    A call takes and returns an sRGB picture, float32, H×W×3 in [0, 1].
    """

    smoothness: float = 0.0006
    """L0 weight: the squared Oklab step below which an edge is painted over."""
    levels: int = 14
    """Steps of lightness from black to white."""
    sharpness: float = 3.0
    """How hard the border between two tones is."""
    saturation: float = 1.7
    """Gain of faint colors; strong ones are raised less and the strongest not at all."""
    lift: float = 0.22
    """0.59 of it is what tones of a third get lighter, the most; black and white stay."""
    cool: float = 0.045
    """Shift of the shadows toward blue and a third of it toward violet, in Oklab."""
    warm: float = 0.018
    """Shift of the lights toward yellow, in Oklab."""
    bloom: float = 0.3
    """Share of the lights' glow that is added."""
    bloom_width: float = 9.0
    """Standard deviation of the glow."""
    ink_opacity: float = 0.5
    """Coverage of a solid line."""
    pen: InkPen = field(default_factory=lambda: InkPen(width=0.8, faintest=0.01, full=0.03))

    def __call__(self, photo: F32) -> F32:
        """Paint the photo."""
        lab = oklab_from_srgb(photo)
        flow = edge_flow(lab, sigma=2.0)
        calm = smooth_along(lab, flow, sigma=1.5)
        flat = l0_smooth(calm, self.smoothness)
        ink = self.pen.draw(0.5 * calm[..., 0] + 0.5 * flat[..., 0], flow)
        tones = flat.copy()
        tones[..., 0] = soft_quantize(flat[..., 0], self.levels, self.sharpness)
        # as the brush of `cel`: borders between tones are ragged otherwise
        tones = smooth_along(tones, edge_flow(tones, sigma=2.0), sigma=2.5)
        return self._glowing(self._inked(self._lit(saturate(tones, self.saturation)), ink))

    def _lit(self, lab: F32) -> F32:
        """Light from the sun and the sky: what it does not reach is blue of the sky."""
        lightness = np.clip(lab[..., 0], 0, 1)
        lifted = lightness + 4 * self.lift * lightness * (1 - lightness) ** 2
        shadow = (1 - smoothstep(0.15, 0.6, lightness)) * smoothstep(0.0, 0.12, lightness)
        light = smoothstep(0.55, 0.95, lightness)
        violet = lab[..., 1] + self.cool / 3 * shadow
        warmth = lab[..., 2] - self.cool * shadow + self.warm * light
        return np.stack([lifted, violet, warmth], axis=2).astype(np.float32)

    def _inked(self, lab: F32, ink: F32) -> F32:
        """Lines take the color of what they lie on, darkened."""
        coverage = (self.ink_opacity * ink)[..., None]
        ink_color = lab * np.array([0.35, 0.8, 0.8], np.float32)
        return lab * (1 - coverage) + ink_color * coverage

    def _glowing(self, lab: F32) -> F32:
        """What is bright lightens its surroundings (a screen of its blurred lights)."""
        rgb = srgb_from_oklab(lab)
        bright = smoothstep(0.72, 1.0, lab[..., 0])[..., None] * rgb
        glow = gaussian_filter(bright, (self.bloom_width, self.bloom_width, 0), truncate=3.0)
        screened: F32 = (1 - (1 - rgb) * (1 - self.bloom * np.clip(glow, 0, 1))).astype(np.float32)
        return screened
