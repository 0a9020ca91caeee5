"""What `Client.stylize` and `Client.stylize_frames` give back."""

from typing import NamedTuple, Optional

from nijigan.client.errors import StylizerError


class Timings(NamedTuple):
    """Where the time went in the sidecar, in milliseconds.

    receive: from the settings to the last byte. decode, encode: between bytes and pixels. queue:
    waiting for others' pictures. compute: drawing.
    """

    receive: float
    decode: float
    queue: float
    compute: float
    encode: float


class Result(NamedTuple):
    """A picture.

    format: "RGBA8", "BGRA8", "RGB8", "RGBA16" or "RGBA32F" (rows from the top, without padding), or
    "ENCODED": a PNG file. request: the number of the call in the sidecar's log.
    tiles: how many parts it was drawn in. deviation_db: where a style that looks at the whole
    picture had to draw in tiles, about how near that is to the picture drawn whole.
    """

    width: int
    height: int
    format: str
    pixels: bytes
    timings: Timings
    request: str
    tiles: int
    deviation_db: Optional[float]


class DrawnFrame(NamedTuple):
    """One frame of an animation.

    result: None where it could not be drawn, and then `error` says why. state: what a call needs
    that shall go on after it.
    """

    number: int
    result: Optional[Result]
    error: Optional[StylizerError]
    state: bytes
