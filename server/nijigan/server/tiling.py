"""Draws a picture in tiles that fit together, where the whole would not fit in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isqrt, sqrt

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import EngineError
from nijigan.core.images import MIN_SIDE, from_tensor, pad_to_multiple, resize, to_tensor
from nijigan.server.cancel import Cancel
from nijigan.server.engines import Engine


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


@dataclass(frozen=True)
class Tiling:
    """What decides whether a picture is drawn in tiles, and in which.

    multiple: of pixels that the sides of a picture must have. radius_px: how far an output pixel
    looks. bytes_per_pixel: what the network needs while it runs. memory_bytes: what it may have.
    shares_statistics: it normalizes over the whole picture, so tiles must be told how.
    """

    multiple: int
    radius_px: int
    bytes_per_pixel: int
    memory_bytes: int
    shares_statistics: bool = False

    @property
    def most_pixels(self) -> int:
        """Of a tile."""
        return self.memory_bytes // self.bytes_per_pixel


def draw(
    engine: Engine,
    rgb: NDArray[np.uint8],
    strength: float,
    tiling: Tiling,
    progress: Callable[[float], None],
    cancel: Cancel,
) -> NDArray[np.uint8]:
    """Draw `(H, W, 3)` whole, or in tiles where the network would need too much memory.

    Where the network looks no farther than its radius, tiles equal the whole to rounding. Where it
    normalizes over the whole picture, all tiles get the statistics of the largest smaller copy that
    the memory allows: they fit together, and deviate from the whole a little. `progress` is told
    the part that is done, 0…1, after each tile.

    Raises:
        CancelledError: `cancel` was set.
        EngineError: the engine failed, or drew what is not a number.
    """
    padded = pad_to_multiple(rgb, tiling.multiple)
    height, width = padded.shape[:2]
    halo = -(-tiling.radius_px // tiling.multiple) * tiling.multiple
    rows, columns = window_size(height, width, tiling.multiple, halo, tiling.most_pixels)
    tiles = [(y, x) for y in spans(height, rows, halo) for x in spans(width, columns, halo)]
    statistics = None
    if tiling.shares_statistics and len(tiles) > 1:
        copy = to_tensor(_smaller_copy(rgb, tiling))
        statistics = engine.measure(copy, strength, cancel)
    drawn = np.empty_like(padded)
    for done, (y, x) in enumerate(tiles, start=1):
        tile = engine.run(to_tensor(padded[y.source, x.source]), strength, cancel, statistics)
        kept = tile[:, :, _within(y), _within(x)]
        if not np.isfinite(kept).all():
            raise EngineError(
                f"{engine.name} drew values that are not numbers.", "Try another style or strength."
            )
        drawn[y.core, x.core] = from_tensor(kept)
        progress(done / len(tiles))
    return drawn[: rgb.shape[0], : rgb.shape[1]]


def _smaller_copy(rgb: NDArray[np.uint8], tiling: Tiling) -> NDArray[np.uint8]:
    """Return the picture at about `most_pixels`, its sides multiples of the network's."""
    height, width = rgb.shape[:2]
    factor = sqrt(tiling.most_pixels / (height * width))
    least = -(-MIN_SIDE // tiling.multiple)
    return resize(
        rgb,
        *(
            max(int(side * factor) // tiling.multiple, least) * tiling.multiple
            for side in (width, height)
        ),
    )


def _within(span: Span) -> slice:
    """The core, counted from the start of the window."""
    return slice(span.core.start - span.source.start, span.core.stop - span.source.start)
