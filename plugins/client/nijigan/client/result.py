"""What `Client.stylize` gives back."""

from typing import NamedTuple


class Result(NamedTuple):
    """A picture.

    format: "RGBA8", "BGRA8" or "RGB8" (rows from the top, without padding), or "ENCODED": a PNG
    file.
    queue_ms, compute_ms: how long it waited for others, and was drawn.
    """

    width: int
    height: int
    format: str
    pixels: bytes
    queue_ms: int
    compute_ms: int
