"""Draws a picture in tiles that fit together, where the whole would not fit in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import isqrt, sqrt
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import EngineError, OutOfMemoryError
from nijigan.core.images import (
    MIN_SIDE,
    Level,
    deep_from_tensor,
    from_tensor,
    pad_to_multiple,
    resize,
    to_tensor,
)
from nijigan.core.metrics.psnr import tensor_psnr
from nijigan.server.cancel import Cancel
from nijigan.server.carried import CarriedStatistics
from nijigan.server.engines import Engine
from nijigan.server.region import Region

# Of a tile: an engine without the memory for so little has none for anything.
_LEAST_PIXELS = 64 * 64


@dataclass(frozen=True)
class Span:
    """One tile along one axis, in pixels: it reads `source` and keeps `core`."""

    source: slice
    core: slice


@dataclass
class Notes:
    """How a picture was drawn. deviation_db: about how near it is to the picture drawn whole, as a
    peak signal to noise ratio; None where they are the same, or nothing was measured."""

    tiles: int = 1
    deviation_db: float | None = None


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

    def halved(self, pixels: int) -> Self:
        """Return what makes tiles of half as many pixels as are in one now, `pixels` at most."""
        most = min(self.most_pixels, pixels)
        return replace(self, memory_bytes=most // 2 * self.bytes_per_pixel)


def draw(
    engine: Engine,
    rgb: NDArray[Level],
    strength: float,
    tiling: Tiling,
    progress: Callable[[float], None],
    cancel: Cancel,
    region: Region | None = None,
    carried: CarriedStatistics | None = None,
    notes: Notes | None = None,
) -> NDArray[Level]:
    """Draw `(H, W, 3)` whole, or in tiles where the network would need too much memory.

    The picture is uint8, or float32 in [0, 1]; what is returned is as the picture. Where a `region`
    is given, that is drawn, and all else is not. `carried`: of the frames before this one. `notes`:
    where to write down how it was drawn.

    Where the network looks no farther than its radius, tiles equal the whole to rounding. Where it
    normalizes over the whole picture, all tiles get the statistics of the largest smaller copy that
    the memory allows: they fit together, and deviate from the whole a little. `progress` is told
    the part that is done, 0…1, after each tile.

    Where an engine finds too little memory, the picture is drawn anew in tiles of half the size.

    Raises:
        CancelledError: `cancel` was set.
        EngineError: the engine failed, or drew what is not a number.
    """
    while True:
        try:
            return _draw(engine, rgb, strength, tiling, progress, cancel, region, carried, notes)
        except (OutOfMemoryError, MemoryError):
            smaller = tiling.halved(rgb.shape[0] * rgb.shape[1])
            if smaller.most_pixels < _LEAST_PIXELS:
                raise
            tiling = smaller


def _draw(
    engine: Engine,
    rgb: NDArray[Level],
    strength: float,
    tiling: Tiling,
    progress: Callable[[float], None],
    cancel: Cancel,
    region: Region | None,
    carried: CarriedStatistics | None,
    notes: Notes | None,
) -> NDArray[Level]:
    padded = pad_to_multiple(rgb, tiling.multiple)
    height, width = padded.shape[:2]
    halo = -(-tiling.radius_px // tiling.multiple) * tiling.multiple
    part = Region(0, 0, width, height)
    if region is not None:
        part = region.widened(halo, tiling.multiple, (width, height))
    source = padded[part.rows, part.columns]
    rows, columns = window_size(part.height, part.width, tiling.multiple, halo, tiling.most_pixels)
    tiles = [
        (y, x) for y in spans(part.height, rows, halo) for x in spans(part.width, columns, halo)
    ]
    statistics = None
    if tiling.shares_statistics and (carried or (rows, columns) != (height, width)):

        def measure() -> NDArray[np.float32]:
            return engine.measure(to_tensor(_measured_copy(padded, tiling)), strength, cancel)

        statistics = carried.next(measure) if carried else measure()
    if notes is not None:
        notes.tiles = len(tiles)
        if statistics is not None and len(tiles) > 1:
            notes.deviation_db = _deviation_db(engine, padded, statistics, strength, tiling, cancel)
    drawn = padded.copy()
    into = drawn[part.rows, part.columns]
    back = from_tensor if rgb.dtype == np.uint8 else deep_from_tensor
    for done, (y, x) in enumerate(tiles, start=1):
        tile = engine.run(to_tensor(source[y.source, x.source]), strength, cancel, statistics)
        kept = tile[:, :, _within(y), _within(x)]
        if not np.isfinite(kept).all():
            raise EngineError(
                f"{engine.name} drew values that are not numbers.", "Try another style or strength."
            )
        into[y.core, x.core] = back(kept)
        progress(done / len(tiles))
    return drawn[: rgb.shape[0], : rgb.shape[1]]


def _deviation_db(
    engine: Engine,
    rgb: NDArray[Level],
    statistics: NDArray[np.float32],
    strength: float,
    tiling: Tiling,
    cancel: Cancel,
) -> float | None:
    """Estimate how near tiles drawn by the statistics of a smaller copy are to the whole, in dB.

    What reducing changes in the statistics of the picture's middle, it changes about as much in
    those of all of it; so the middle is drawn by the ones and by the others.
    """
    height, width = rgb.shape[:2]
    reduced = _measured_copy(rgb, tiling)
    part = isqrt(4 * height * width // tiling.most_pixels) + 1  # a quarter of a tile is enough
    step = tiling.multiple
    sides = [max(side // part // step, -(-MIN_SIDE // step)) * step for side in (height, width)]
    top, left = ((side - own) // 2 for side, own in zip((height, width), sides, strict=True))
    middle = rgb[top : top + sides[0], left : left + sides[1]]
    rates = [small / side for small, side in zip(reduced.shape, (height, width), strict=False)]
    small = [
        max(round(s * r / step), -(-MIN_SIDE // step)) * step
        for s, r in zip(sides, rates, strict=True)
    ]
    whole = to_tensor(middle)
    changed = engine.measure(whole, strength, cancel) - engine.measure(
        to_tensor(resize(middle, small[1], small[0])), strength, cancel
    )
    # Variances are not below 0, whatever the estimate says.
    least = np.where(statistics < 0, -np.inf, 0).astype(np.float32)
    better = np.maximum(statistics + changed, least)
    drawn = (engine.run(whole, strength, cancel, stats) for stats in (statistics, better))
    given, estimated = drawn
    mean_square = float(np.mean(np.square(given - estimated, dtype=np.float64)))
    return None if mean_square == 0 else tensor_psnr(mean_square)


def _measured_copy(rgb: NDArray[Level], tiling: Tiling) -> NDArray[Level]:
    """Return the picture, or where it has more than `most_pixels` a copy that has about those.

    Its sides are multiples of the network's.
    """
    height, width = rgb.shape[:2]
    factor = sqrt(tiling.most_pixels / (height * width))
    if factor >= 1:
        return rgb
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
