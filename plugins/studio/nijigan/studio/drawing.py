"""Draws pictures by the sidecar, for somebody who waits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nijigan.client import Client
from nijigan.client.errors import BusyError, CancelledError
from nijigan.client.result import Result
from nijigan.core.images import Picture
from nijigan.studio.work import Work

_RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class Look:
    """How to draw; each as `Client.stylize` has it."""

    style: str
    strength: float = 1.0
    quality: str = "normal"
    scale: str | int = "auto"


def draw(
    client: Client,
    picture: Picture,
    look: Look,
    work: Work[Any],
    tell: Callable[[float, str], None],
    batch: bool = False,
) -> Picture:
    """Draw a picture, again and again while the sidecar has too much to do.

    batch: nobody waits for it by itself.

    Raises:
        StylizerError: as `Client.stylize`. CancelledError: the work was cancelled.
    """
    while True:
        try:
            result = client.stylize(
                pixels_of(picture),
                picture.width,
                picture.height,
                style=look.style,
                strength=look.strength,
                quality=look.quality,
                scale=look.scale,
                format=format_of(picture),
                on_progress=tell,
                batch=batch,
                cancel=work.cancel,
                timeout=None,
            )
        except BusyError as error:
            tell(0.0, "waiting: the sidecar has as many pictures as may wait")
            if work.cancel.wait(error.retry_seconds or _RETRY_SECONDS):
                raise CancelledError("Stopped.") from error
        else:
            return picture_of(result)


def format_of(picture: Picture) -> str:
    """Return the format that `pixels_of` has, by the client's names."""
    return "RGB8" if picture.alpha is None else "RGBA8"


def pixels_of(picture: Picture) -> bytes:
    """Return a picture's pixels as the client sends them."""
    if picture.alpha is None:
        return picture.rgb.tobytes()
    return np.dstack([picture.rgb, picture.alpha]).tobytes()


def picture_of(result: Result) -> Picture:
    """Return the picture of what came back: RGB8 or RGBA8."""
    return picture_from(result.pixels, result.width, result.height, result.format)


def picture_from(pixels: bytes, width: int, height: int, name: str) -> Picture:
    """Return the picture of pixels of the format RGB8 or RGBA8."""
    levels = np.frombuffer(pixels, np.uint8).reshape(height, width, -1)
    return Picture(levels[..., :3], None if name == "RGB8" else levels[..., 3])
