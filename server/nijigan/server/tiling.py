"""Draws a picture in tiles that equal the whole, where the whole would not fit in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import EngineError
from nijigan.core.images import from_tensor, pad_to_multiple, to_tensor
from nijigan.server.cancel import Cancel
from nijigan.server.engines import Engine

# What a generator with 64 channels at full resolution holds for each pixel: three float32 maps, as
# a convolution reads one that was padded from another. Narrower ones need less.
BYTES_PER_PIXEL = 3 * 64 * 4


@dataclass(frozen=True)
class Span:
    """One tile along one axis, in pixels: it reads `source` and keeps `core`."""

    source: slice
    core: slice


def spans(length: int, window: int, halo: int) -> Iterator[Span]:
    """Cover an axis with windows of one size, whose cores meet and keep `halo` from cut ends.

    The ends of the axis are ends of a window too: there the network pads as it does for the whole
    picture. All values are multiples of the network's multiple, and so is what comes out.
    """
    window = min(window, length)
    core = 0
    while core < length:
        start = min(max(core - halo, 0), length - window)
        stop = start + window
        end = length if stop == length else stop - halo
        yield Span(slice(start, stop), slice(core, end))
        core = end


def window_size(
    height: int, width: int, multiple: int, halo: int, max_pixels: int
) -> tuple[int, int]:
    """Height and width of the windows: at most `max_pixels`, as square and as few as can be.

    Where the halo leaves no room for that, a core as wide as one halo is drawn all the same.
    """
    if height * width <= max_pixels:
        return height, width
    least = 2 * halo + max(halo, multiple)
    side = isqrt(max_pixels)
    if height < width:
        rows = _even_window(height, side, multiple, halo, least)
        return rows, _even_window(width, max_pixels // rows, multiple, halo, least)
    columns = _even_window(width, side, multiple, halo, least)
    return _even_window(height, max_pixels // columns, multiple, halo, least), columns


def _even_window(length: int, most: int, multiple: int, halo: int, least: int) -> int:
    """The smallest window that needs no more tiles than a window of `most` does."""
    if length <= max(most, least):
        return length
    most = max(most // multiple * multiple, least)
    count = -(-(length - 2 * halo) // (most - 2 * halo))
    core = -(-(length - 2 * halo) // count)
    return -(-core // multiple) * multiple + 2 * halo


def draw(
    engine: Engine,
    rgb: NDArray[np.uint8],
    strength: float,
    multiple: int,
    radius_px: int,
    memory_bytes: int,
    progress: Callable[[float], None],
    cancel: Cancel,
) -> NDArray[np.uint8]:
    """Draw `(H, W, 3)` whole, or in tiles where the network would need more than `memory_bytes`.

    The network looks no farther than `radius_px`, so tiles equal the whole to rounding. `progress`
    is told the part that is done, 0…1, after each tile.

    Raises:
        CancelledError: `cancel` was set.
        EngineError: the engine failed, or drew what is not a number.
    """
    padded = pad_to_multiple(rgb, multiple)
    height, width = padded.shape[:2]
    halo = -(-radius_px // multiple) * multiple
    rows, columns = window_size(height, width, multiple, halo, memory_bytes // BYTES_PER_PIXEL)
    tiles = [(y, x) for y in spans(height, rows, halo) for x in spans(width, columns, halo)]
    drawn = np.empty_like(padded)
    for done, (y, x) in enumerate(tiles, start=1):
        tile = engine.run(to_tensor(padded[y.source, x.source]), strength, cancel)
        kept = tile[:, :, _within(y), _within(x)]
        if not np.isfinite(kept).all():
            raise EngineError(
                f"{engine.name} drew values that are not numbers.", "Try another style or strength."
            )
        drawn[y.core, x.core] = from_tensor(kept)
        progress(done / len(tiles))
    return drawn[: rgb.shape[0], : rgb.shape[1]]


def _within(span: Span) -> slice:
    """The core, counted from the start of the window."""
    return slice(span.core.start - span.source.start, span.core.stop - span.source.start)
