"""How much of a checkerboard a picture has: the grid that strided and transposed layers print.

A pattern that repeats every `period` pixels has all its energy at frequencies that are multiples of
1/period; a picture without one has no more there than next to it.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nijigan.core.errors import ImageError, UsageError

PERIODS = (2, 4, 8)

_TILE = 64
# Hann's window leaks into the next frequency and no farther; 6 stays clear of the next grid line.
_BESIDE = (*range(-6, -1), *range(2, 7))
# The variance that rounding to whole levels has: what is below it cannot be seen.
_ROUNDING = 1 / 12


def checkerboard_db(pixels: NDArray[np.uint8], period: int) -> float:
    """Power at the grid frequency that stands out most, over the power beside it, in dB.

    The spectrum is the mean over tiles of 64×64 pixels, half overlapping, under Hann's window, and
    over the three channels (Welch 1967). A frequency is compared with the median of those 2 to 6
    steps away in its row and column: along them, because edges that are level or upright raise
    whole rows and columns of a spectrum.

    Args:
        pixels: `(H, W, 3)`, sides of at least 64 pixels.
        period: 2, 4 or 8 pixels. A grid that also repeats at half the period counts there alone, so
            a stride of 2 shows at 2, one of 4 at 4.

    Returns:
        0 for flat color, 0 to 2 for a photo of 256×256 pixels or more. A grid of ±1 level gives
        about 12 on a photo and 43 on flat color, one of ±4 gives 24 and 55. JPEG's blocks of 8
        pixels count too: print the photo's own value beside the drawing's.

    Raises:
        ImageError: the picture is smaller than a tile.
        UsageError: another period.
    """
    if period not in PERIODS:
        raise UsageError(f"A checkerboard of period {period}.", "Ask for 2, 4 or 8.")
    height, width = pixels.shape[:2]
    if min(height, width) < _TILE:
        raise ImageError(
            f"A picture of {width}x{height} is too small to look for a grid in.",
            f"Give one of at least {_TILE}x{_TILE}.",
        )
    power = _spectrum(pixels) + _ROUNDING
    return max(_standing_out(power, row, column) for row, column in _grid(period))


def _spectrum(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return 64×64 powers, in levels², so that white noise has its variance at each frequency."""
    hann = np.hanning(_TILE + 1)[:-1]
    window = np.outer(hann, hann)
    tiles = sliding_window_view(pixels, (_TILE, _TILE), axis=(0, 1))[:: _TILE // 2, :: _TILE // 2]
    total = np.zeros((_TILE, _TILE))
    for row in tiles:  # a row at a time, to keep memory small
        centered = row - row.mean(axis=(-2, -1), keepdims=True)
        total += (np.abs(np.fft.fft2(centered * window)) ** 2).sum(axis=(0, 1))
    mean: NDArray[np.float64] = total / (np.prod(tiles.shape[:3]) * (window**2).sum())
    return mean


def _grid(period: int) -> list[tuple[int, int]]:
    """Return row and column in the spectrum of what repeats every `period` and not more often."""
    step = _TILE // period
    return [(step * i, step * j) for i in range(period) for j in range(period) if i % 2 or j % 2]


def _standing_out(power: NDArray[np.float64], row: int, column: int) -> float:
    along_row = [power[row, (column + d) % _TILE] for d in _BESIDE if column]
    along_column = [power[(row + d) % _TILE, column] for d in _BESIDE if row]
    return 10 * float(np.log10(power[row, column] / np.median(along_row + along_column)))
