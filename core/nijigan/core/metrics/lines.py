"""How many of the lines of one drawing are those of another."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from nijigan.core.metrics.luma import luma

Mask = NDArray[np.bool_]

NARROW, WIDE = 1.0, 1.6
"""Standard deviations of the Gaussians, in pixels, for lines about two wide; Marr's ratio."""
CONTRAST = 10.0
"""Levels of 255 by which the narrow mean is darker than the wide one, for an eye to see a line."""
NEAR = 2.0
"""Pixels within which a line counts as the same."""


def lines(rgb: NDArray[np.uint8]) -> Mask:
    """Return where a picture has lines, H×W: what is darker than its surroundings.

    Difference of Gaussians on the luma (Marr, Hildreth 1980); the dark side of an edge counts too,
    which is where the teachers draw.
    """
    grey = luma(rgb)
    return gaussian_filter(grey, WIDE) - gaussian_filter(grey, NARROW) > CONTRAST


def line_f1(drawn: NDArray[np.uint8], reference: NDArray[np.uint8]) -> float:
    """Return the F1 score of the lines of a drawing against those of a reference, in [0, 1].

    Precision is the share of its line pixels that have one of the reference within `NEAR` pixels,
    recall the share of the reference's that have one of the drawing. Two pictures without lines
    agree; without them in one of the two there is no agreement.

    Args:
        drawn, reference: H×W×3 of one shape.
    """
    ours, theirs = lines(drawn), lines(reference)
    if not ours.any() and not theirs.any():
        return 1.0
    precision, recall = _share_near(ours, theirs), _share_near(theirs, ours)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _share_near(these: Mask, those: Mask) -> float:
    """Return the share of the pixels of one mask that have one of the other near them."""
    if not these.any() or not those.any():
        return 0.0
    return float(np.mean(distance_transform_edt(~those)[these] <= NEAR))
