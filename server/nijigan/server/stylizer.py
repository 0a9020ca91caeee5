"""The one place where a request becomes a picture; the sidecar and the command both call it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nijigan.core.images import Picture
from nijigan.server.cancel import Cancel
from nijigan.server.styles import StyleLibrary

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Settings:
    """Everything about a request that changes the picture.

    strength: 0 (the photo) … 1 (fully drawn). scale: "auto" as the style says, "native" to draw at
    the picture's own size, or the short side in pixels to draw at.
    """

    style: str
    strength: float = 1.0
    quality: str = "normal"
    scale: Literal["auto", "native"] | int = "auto"


class Stylizer:
    """Draws pictures in styles. Any number of threads may call `stylize`."""

    def __init__(
        self,
        styles: StyleLibrary,
        engine: str = "onnxruntime",
        threads: int | None = None,
        memory_bytes: int = 0,
    ) -> None:
        raise NotImplementedError

    def stylize(
        self,
        picture: Picture,
        settings: Settings,
        progress: Progress = lambda done, stage: None,
        cancel: Cancel | None = None,
    ) -> Picture:
        """To come."""
        raise NotImplementedError
