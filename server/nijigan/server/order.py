"""What a call wants of each of its pictures, and how that is done: bytes in, bytes out."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nijigan.core.errors import NijiganError
from nijigan.server.cancel import Cancel
from nijigan.server.deep_picture import deep
from nijigan.server.drawing import ChecksAndDraws, Wish, draw
from nijigan.server.jobs import Place
from nijigan.server.pixels import DEEP, bytes_from_picture, picture_from_bytes
from nijigan.server.sending import Sending
from nijigan.server.stylizer import Settings
from nijigan.v1 import stylizer_pb2 as pb

_MOST_MICROSECONDS = (1 << 32) - 1


@dataclass(frozen=True)
class Order:
    """What a call wants. cancel: of the call. hang_seconds: see `draw`."""

    sent: pb.StylizeSettings
    settings: Settings
    wish: Wish
    place: Place
    cancel: Cancel
    hang_seconds: float


@dataclass(frozen=True)
class Received:
    """A picture that came. number: of a frame. data: its bytes, or what is wrong with it."""

    number: int
    width: int
    height: int
    data: bytearray | NijiganError


def carry_out(
    stylizer: ChecksAndDraws, order: Order, picture: Received, timings: pb.Timings
) -> Generator[pb.StylizeResponse, None, Sending]:
    """Yield what is told of a drawing while it is made, and return what to send.

    timings: gets where the time goes.

    Raises:
        NijiganError: what is wrong with the picture, or as `draw`.
    """
    if isinstance(picture.data, NijiganError):
        raise picture.data
    result_format = order.sent.result_format or order.sent.format
    with timed(timings, "decode_us"):
        pixels = picture_from_bytes(picture.data, picture.width, picture.height, order.sent.format)
        if result_format in DEEP:
            pixels = deep(pixels)
    stylizer.check(order.settings, pixels.width, pixels.height)
    own = Cancel()  # an engine that hangs on this picture may draw the next
    try:
        with order.cancel.on_set(own.set):
            drawn = yield from draw(
                stylizer, order.place, pixels, order.settings, own, order.hang_seconds, order.wish
            )
    finally:
        own.set()  # whoever leaves before it is drawn, as a client that vanishes, ends it
    timings.queue_us = microseconds(drawn.waited)
    timings.compute_us = microseconds(drawn.took)
    with timed(timings, "encode_us"):
        data = bytes_from_picture(drawn.picture, result_format)
    width, height = drawn.picture.width, drawn.picture.height
    return Sending(width, height, result_format, data, timings, drawn.notes)


@contextmanager
def timed(timings: pb.Timings, field: str) -> Iterator[None]:
    """Write into a field how long the body took."""
    began = time.monotonic()
    yield
    setattr(timings, field, microseconds(time.monotonic() - began))


def microseconds(seconds: float) -> int:
    """Return the whole number of them, or the largest that a message can hold: 71.6 minutes."""
    return min(round(seconds * 1_000_000), _MOST_MICROSECONDS)
