"""Sizes of pictures, as they are written on the command line."""

from nijigan.core.errors import UsageError
from nijigan.core.images import MIN_SIDE

_MOST_PIXELS = 4096 * 4096


def parse_size(text: str) -> tuple[int, int]:
    """Return width and height of "512x512".

    Raises:
        UsageError: it is none, a side is below the least that is drawn, or it is larger than what
            is drawn whole.
    """
    width, _, height = text.strip().partition("x")
    if not (width.isdecimal() and height.isdecimal()) or min(int(width), int(height)) < MIN_SIDE:
        raise UsageError(
            f"The size is {text!r}.", f"Give WIDTHxHEIGHT, each {MIN_SIDE} or more: 512x512."
        )
    if int(width) * int(height) > _MOST_PIXELS:
        raise UsageError(
            f"The size {text} is more than {_MOST_PIXELS} pixels, and they are drawn whole.",
            "Give a smaller one.",
        )
    return int(width), int(height)
