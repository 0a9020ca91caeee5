"""The size that a picture is drawn at, and the way back to its own.

A style's lines and regions have a size in pixels. A much smaller picture is drawn enlarged, and the
drawing reduced. A larger picture is drawn at the size that the style was made for, and the drawing
is brought back guided by the picture (K. He, J. Sun, X. Tang, "Guided Image Filtering", PAMI 2013;
the small fit that is enlarged: K. He, J. Sun, "Fast Guided Filter", 2015): around each
pixel the drawing is taken for a line in the picture's luma,

    drawn ≈ a · luma + b,    a = cov(luma, drawn) / (var(luma) + ε),

and what the reduction took from the picture is given back `a` times. So an edge of the drawing that
is an edge of the picture gets its sharpness, and a region that was drawn flat (a ≈ 0) stays flat.
Three changes against the paper keep the picture's texture away from lines that only the drawing
has: `a` is weighted by the squared correlation of the two, which is how much of the drawing the
picture explains; grain fainter than `GRAIN` is not given back; and no pixel leaves the range that
the drawing has around it.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import ceil, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nijigan.core.images import Level, resize, size_at_short_side, white
from nijigan.export.style import Scale
from nijigan.server.cancel import Cancel
from nijigan.server.region import Region

F32 = NDArray[np.float32]

# Pictures up to this much larger than the working size are drawn as they are,
TOLERANCE = 1.25
# and smaller ones down to this part of it; below, lines would be as wide as what they are around.
LEAST = 0.5
# Half side of the fit's window, in pixels of the drawing.
RADIUS = 2
# Luma is in [0, 1]: below a contrast of the root of ε, the picture counts as flat.
EPSILON = 0.05**2
GRAIN = 0.02
STRIP_ROWS = 256
# Pixels of the drawing that one of the result depends on where it is enlarged: of the fit, twice
# the radius of its windows; and of the bicubic filter, 2.
_MARGIN = 2 * RADIUS + 3
# Pixels of the result that Lanczos' filter reaches where it reduces.
_LANCZOS = 3
# ITU-R BT.601
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def drawing_size(
    width: int, height: int, scale: Scale, wanted: Literal["auto", "native"] | int
) -> tuple[int, int]:
    """Width and height to draw a picture at, for the style's `scale` and the request's `wanted`."""
    if isinstance(wanted, int):
        return size_at_short_side(width, height, wanted)
    short, working = min(width, height), scale.working_short_side
    if wanted == "native" or scale.auto == "native":
        return width, height
    if short > TOLERANCE * working:
        return size_at_short_side(width, height, working)
    if short < LEAST * working:
        side = min(LEAST * working, short * working / sqrt(width * height))  # of working² pixels
        return size_at_short_side(width, height, max(short, int(side)))
    return width, height


def margin(drawn: tuple[int, int], own: tuple[int, int]) -> int:
    """How many pixels of a drawing around it one of the result depends on.

    drawn, own: width and height of the drawing, and of what it is brought back to.
    """
    reduced = max(before / after for before, after in zip(drawn, own, strict=True))
    return max(_MARGIN, ceil(_LANCZOS * reduced) + 1)


def bring_back(
    drawn: NDArray[Level],
    original: NDArray[Level],
    strength: float,
    progress: Callable[[float], None],
    cancel: Cancel,
    region: Region | None = None,
) -> NDArray[Level]:
    """Enlarge `drawn` `(h, w, 3)` to the size of `original` `(H, W, 3)`, guided by it.

    Returns all, or `region` of it, for which `drawn` need be right no farther than `margin` around.

    Both are uint8, or float32 in [0, 1]. The lower the `strength`, 0…1, the more of the original's
    grain comes back. `drawn` may also be larger than the original: then it is reduced, and at
    strength 0 gets back all that resizing takes. `progress` is told the part that is
    done, 0…1.

    Raises:
        CancelledError: `cancel` was set.
    """
    height, width = original.shape[:2]
    small_height, small_width = drawn.shape[:2]
    region = region or Region(0, 0, width, height)
    if small_height >= height and small_width >= width:
        cancel.raise_if_set()
        reduced = _reduced(drawn, original, strength)
        progress(1.0)
        return reduced[region.rows, region.columns]
    own = luma(resize(original, small_width, small_height))
    slopes = [_slope(own, channel) for channel in _channels(drawn)]
    ranges = [_local_range(channel) for channel in _channels(drawn)]
    # At strength 0 nothing is drawn yet, and everything of the picture may come back.
    slack = np.float32(1 - strength)
    result = np.empty_like(original[region.rows, region.columns])
    for top in range(0, region.height, STRIP_ROWS):
        cancel.raise_if_set()
        rows = slice(top, min(top + STRIP_ROWS, region.height))
        strip_of = replace(region, top=region.top + top, height=rows.stop - top)

        enlarged = partial(_enlarged, region=strip_of, width=width, height=height)
        detail = luma(original[strip_of.rows, strip_of.columns]) - enlarged(own)
        detail -= detail.clip(-GRAIN * strength, GRAIN * strength)
        for c, channel in enumerate(_channels(drawn)):
            strip = enlarged(channel)
            strip += enlarged(slopes[c]) * detail
            low, high = (enlarged(bound) for bound in ranges[c])
            strip = strip.clip(low - slack, high + slack)
            strip = (strip * white(result)).clip(0, white(result))
            result[rows, :, c] = np.rint(strip) if result.dtype == np.uint8 else strip
        progress(rows.stop / region.height)
    return result


def _reduced(drawn: NDArray[Level], original: NDArray[Level], strength: float) -> NDArray[Level]:
    """Reduce a drawing of the enlarged original; at strength 0 nothing is lost by resizing."""
    height, width = original.shape[:2]
    reduced = resize(drawn, width, height)
    if strength == 1:
        return reduced
    there_and_back = resize(resize(original, drawn.shape[1], drawn.shape[0]), width, height)
    lost = original.astype(np.float32) - there_and_back
    exact = (reduced + (1 - strength) * lost).clip(0, white(reduced))
    return np.rint(exact).astype(reduced.dtype) if reduced.dtype == np.uint8 else exact


def luma(rgb: NDArray[Level]) -> F32:
    """Of `(H, W, 3)`, in [0, 1]."""
    return (rgb @ _LUMA) / white(rgb)


def _channels(rgb: NDArray[Level]) -> list[F32]:
    return [rgb[..., c].astype(np.float32) / white(rgb) for c in range(3)]


def _slope(luma: F32, drawn: F32) -> F32:
    """The local linear slope `a`, averaged over the windows that a pixel lies in (eq. 5, 8)."""
    mean, mean_drawn = _window_mean(luma), _window_mean(drawn)
    variance = (_window_mean(luma * luma) - mean * mean).clip(0)
    variance_drawn = (_window_mean(drawn * drawn) - mean_drawn * mean_drawn).clip(0)
    covariance = _window_mean(luma * drawn) - mean * mean_drawn
    # Within 1e-6 of rounding, 1 where one is a line in the other and 0 where they are unrelated.
    explained = (covariance * covariance / (variance * variance_drawn + 1e-6)).clip(0, 1)
    return _window_mean(explained * covariance / (variance + EPSILON))


def _local_range(x: F32) -> tuple[F32, F32]:
    """Least and greatest value of each pixel and its neighbors."""
    padded = np.pad(x, 1, mode="edge")
    rows = [padded[i : i + x.shape[0]] for i in range(3)]
    low, high = np.minimum.reduce(rows), np.maximum.reduce(rows)
    spans = [slice(i, i + x.shape[1]) for i in range(3)]
    least: F32 = np.minimum.reduce([low[:, span] for span in spans])
    greatest: F32 = np.maximum.reduce([high[:, span] for span in spans])
    return least, greatest


def _window_mean(x: F32) -> F32:
    """Mean over the square of `RADIUS` around each pixel, with the border's pixels repeated."""
    for axis in (0, 1):
        padding = [(0, 0), (0, 0)]
        padding[axis] = (RADIUS, RADIUS)
        padded = np.pad(x, padding, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * RADIUS + 1, axis)
        x = windows.mean(axis=-1, dtype=np.float32)
    return x


def _enlarged(x: F32, region: Region, width: int, height: int) -> F32:
    """A region of `x` resized to `width` × `height` by a bicubic filter."""
    across, down = x.shape[1] / width, x.shape[0] / height
    right, bottom = region.left + region.width, region.top + region.height
    box = (region.left * across, region.top * down, right * across, bottom * down)
    size = (region.width, region.height)
    return np.array(Image.fromarray(x).resize(size, Image.Resampling.BICUBIC, box=box))
