"""What the calls of `Client` give back."""

from typing import NamedTuple, Optional, Tuple

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


class FaceBox(NamedTuple):
    """A face: a square from forehead to chin, in pixels from the picture's top left.

    score: 0 to 1, how sure it is that this is one.
    """

    left: float
    top: float
    width: float
    height: float
    score: float


class FramedFace(NamedTuple):
    """Head and shoulders, `size` by `size` pixels.

    format: as of a `Result`. faces: of the picture, from the left. face: which of them this is, 1
    the first; 0 where it is the middle of the picture. frame_middle, frame_side: of the square in
    the picture, in pixels; it may reach past the edges. frame_roll: how far it is turned clockwise,
    in degrees. request: the number of the call in the sidecar's log.
    """

    size: int
    format: str
    pixels: bytes
    faces: Tuple[FaceBox, ...]
    face: int
    frame_middle: Tuple[float, float]
    frame_side: float
    frame_roll: float
    timings: Timings
    request: str
