"""Ink lines by flow-based difference of Gaussians (Kang, Lee, Chui 2007)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nijigan.core.teachers.flow import Flow, sample, smooth_along

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class InkPen:
    """How lines are drawn. Lengths in pixels, contrasts in the channel's own units."""

    width: float = 1.0
    """Standard deviation of the narrow Gaussian across the line: about half the line's width."""
    surround: float = 1.6
    """Ratio of the wide Gaussian to the narrow one; 1.6 approximates the Laplacian (Marr 1980)."""
    length: float = 4.0
    """Standard deviation along the line: what joins dashes and drops specks."""
    faintest: float = 0.007
    """Contrast at which ink begins."""
    full: float = 0.022
    """Contrast from which on ink is solid."""

    def draw(self, channel: F32, flow: Flow) -> F32:
        """Ink on the dark side of every edge.

        Args:
            channel: H×W, one of Oklab's: L in [0, 1], a or b in about [-0.4, 0.4].
            flow: the edges' tangents.

        Returns:
            H×W coverage in [0, 1]: 0 is bare paper, 1 solid ink.
        """
        across = self._difference_across(channel, flow)
        along = smooth_along(across[..., None], flow, self.length)[..., 0]
        return smoothstep(self.faintest, self.full, -along)

    def _difference_across(self, channel: F32, flow: Flow) -> F32:
        """Narrow minus wide Gaussian along the gradient: negative on the dark side of an edge."""
        height, width = channel.shape
        y, x = np.mgrid[:height, :width].astype(np.float32)
        wide = self.width * self.surround
        reach = round(2.5 * wide)
        narrow_sum = np.zeros_like(channel)
        wide_sum = np.zeros_like(channel)
        offsets = np.arange(-reach, reach + 1)
        narrow_weights = np.exp(-(offsets**2) / (2 * self.width**2))
        wide_weights = np.exp(-(offsets**2) / (2 * wide**2))
        for k, a, b in zip(
            offsets.tolist(),
            (narrow_weights / narrow_weights.sum()).tolist(),
            (wide_weights / wide_weights.sum()).tolist(),
            strict=True,
        ):
            # the gradient is the tangent turned by a right angle
            value = channel if k == 0 else sample(channel, x + k * flow.y, y - k * flow.x)
            narrow_sum += a * value
            wide_sum += b * value
        return narrow_sum - wide_sum


def smoothstep(low: float, high: float, x: F32) -> F32:
    """0 below `low`, 1 above `high`, a smooth cubic between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    step: F32 = t * t * (3 - 2 * t)
    return step
