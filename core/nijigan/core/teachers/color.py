"""sRGB to Oklab and back (Ottosson 2020), where equal steps look equal and hue stays put."""

import numpy as np
from numpy.typing import NDArray

from nijigan.core.srgb_curve import linear_from_srgb, srgb_from_linear

F32 = NDArray[np.float32]

_LMS_FROM_LINEAR = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OKLAB_FROM_LMS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_LINEAR_FROM_LMS = np.linalg.inv(_LMS_FROM_LINEAR)
_LMS_FROM_OKLAB = np.linalg.inv(_OKLAB_FROM_LMS)


def oklab_from_srgb(rgb: F32) -> F32:
    """Oklab of an sRGB picture.

    Args:
        rgb: H×W×3 in [0, 1], gamma-encoded.

    Returns:
        H×W×3: lightness L in [0, 1], then a (green to red) and b (blue to yellow), each about
        [-0.4, 0.4].
    """
    lms = np.cbrt(linear_from_srgb(rgb) @ _LMS_FROM_LINEAR.T)
    lab: F32 = (lms @ _OKLAB_FROM_LMS.T).astype(np.float32)
    return lab


def srgb_from_oklab(lab: F32) -> F32:
    """The sRGB picture of an Oklab one, clipped to [0, 1]: the inverse of `oklab_from_srgb`."""
    linear = ((lab @ _LMS_FROM_OKLAB.T) ** 3) @ _LINEAR_FROM_LMS.T
    encoded = srgb_from_linear(np.clip(linear, 0, 1))
    rgb: F32 = np.clip(encoded, 0, 1).astype(np.float32)
    return rgb
