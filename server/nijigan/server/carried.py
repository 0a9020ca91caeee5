"""Statistics that are carried from frame to frame, so that an animation does not flicker.

A style with global normalization draws each picture by statistics of the whole of it. Those of one
frame differ from those of the next, and with them every color. So they are measured seldom, and
move slowly; at a cut they are measured anew.
"""

import struct
from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nijigan.core.errors import RequestError
from nijigan.server.deep_picture import Colors

F32 = NDArray[np.float32]

_EVERY = 8  # frames from one measuring to the next, which costs as much as drawing does
_RATE = np.float32(0.25)  # of the way from the old statistics to the new, at each measuring
_CUT_LEVELS = 30.0  # of 255, by which the frames on both sides of a cut differ on average
_SMALL = (32, 18)
_SMALL_BYTES = 3 * _SMALL[0] * _SMALL[1]
_HEAD = struct.Struct("<4sII")  # magic, frames since the last measuring, statistics
_MAGIC = b"njf1"
_MOST_NUMBERS = 1 << 20


class CarriedStatistics:
    """Those of one animation. Used for its frames in order, by one thread at a time."""

    def __init__(self) -> None:
        self._statistics: F32 | None = None
        self._small: NDArray[np.uint8] | None = None
        self._since = 0
        self._asked = False

    @classmethod
    def from_state(cls, state: bytes) -> Self:
        """Go on where another has come to; with an empty state, begin.

        Raises:
            RequestError: it is not what `state` has returned.
        """
        carried = cls()
        if not state:
            return carried
        if len(state) < _HEAD.size + _SMALL_BYTES:
            raise _not_a_state()
        magic, since, numbers = _HEAD.unpack_from(state)
        end = _HEAD.size + _SMALL_BYTES
        if magic != _MAGIC or numbers > _MOST_NUMBERS or len(state) != end + 4 * numbers:
            raise _not_a_state()
        statistics = np.frombuffer(state, "<f4", offset=end).astype(np.float32)
        if not np.isfinite(statistics).all():
            raise _not_a_state()
        small = np.frombuffer(state, np.uint8, _SMALL_BYTES, _HEAD.size)
        carried._small = small.reshape(_SMALL[1], _SMALL[0], 3)
        carried._statistics = statistics[None] if numbers else None
        carried._since = since
        return carried

    def state(self) -> bytes:
        """Return what to go on with; empty where nothing is carried."""
        if self._statistics is None or self._small is None:
            return b""
        head = _HEAD.pack(_MAGIC, self._since, self._statistics.size)
        return head + self._small.tobytes() + self._statistics.astype("<f4").tobytes()

    def begin(self, picture: Colors) -> None:
        """Go on to the next frame."""
        small = _reduced(picture)
        before, self._small = self._small, small
        cut = before is None or np.abs(small.astype(float) - before).mean() > _CUT_LEVELS
        if cut:
            self._statistics = None
        self._since = 0 if self._statistics is None else self._since + 1
        self._asked = False

    def next(self, measure: Callable[[], F32]) -> F32:
        """Return the statistics to draw the frame by; the same again for the same frame.

        measure: measures those of the frame itself.

        Raises:
            RequestError: what was carried is not of this style.
        """
        if self._statistics is None:
            self._statistics = measure()
        elif self._since >= _EVERY and not self._asked:
            measured = measure()
            if measured.shape != self._statistics.shape:
                raise _not_a_state()
            self._statistics = self._statistics + _RATE * (measured - self._statistics)
            self._since = 0
        self._asked = True
        return self._statistics


def _reduced(picture: Colors) -> NDArray[np.uint8]:
    rgb = picture.rgb
    if rgb.dtype != np.uint8:
        rgb = np.rint(rgb * 255).astype(np.uint8)
    return np.asarray(Image.fromarray(rgb).resize(_SMALL, Image.Resampling.BOX))


def _not_a_state() -> RequestError:
    return RequestError(
        "The state is not one that a frame of this style came with.",
        "Send that of the last frame, or none.",
    )
