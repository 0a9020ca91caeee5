"""Draws the frames of an animation in order, while others are read and written."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Generic, Protocol, TypeVar

from nijigan.core.errors import ImageError
from nijigan.core.images import MIN_SIDE, Picture
from nijigan.export.style import WEIGHTS
from nijigan.server.cancel import Cancel
from nijigan.server.carried import CarriedStatistics
from nijigan.server.prefetch import prefetched
from nijigan.server.stylizer import Settings, Stylizer

_AHEAD = 2  # frames that are read before they are drawn
Frame = TypeVar("Frame")


class DrawsFrames(Protocol):
    """What draws animations: in this process, or in a sidecar."""

    def identity(self, settings: Settings) -> dict[str, str]:
        """Return what the pixels hang on beside the settings, by names for people.

        Raises:
            NijiganError: what is wrong with the settings, and so with every frame.
        """

    def draw_frames(
        self, pictures: Iterator[Picture], settings: Settings, state: bytes, cancel: Cancel
    ) -> Iterator[tuple[Picture | ImageError, bytes]]:
        """Yield the drawing of each, or what is wrong with it, and the state to go on with.

        pictures: asked for in another thread. state: that of the frame before them, or empty.

        Raises:
            NijiganError: what is wrong with all of them.
        """


def everything_given(drawer: DrawsFrames, settings: Settings) -> dict[str, str]:
    """Return what the pixels hang on beside the source, texts by names for people.

    Raises:
        NijiganError: as `DrawsFrames.identity`.
    """
    return {
        **drawer.identity(settings),
        "quality": settings.quality,
        "strength": str(settings.strength),
        "scale": str(settings.scale),
        "steady": str(settings.steady),
        "nijigan": version("nijigan"),
    }


class DrawsHere:
    """Draws animations in this process."""

    def __init__(self, stylizer: Stylizer) -> None:
        self._stylizer = stylizer

    def identity(self, settings: Settings) -> dict[str, str]:
        """See `DrawsFrames`."""
        style = self._stylizer.check(replace(settings, region=None), MIN_SIDE, MIN_SIDE)
        files = (style.qualities[settings.quality].file, WEIGHTS)
        content = " ".join(style.sha256[name] for name in files)
        return {
            "style": f"{style.name} {style.version} {content} {style.scale} {style.halftone}",
            "engine": self._stylizer.engine,
        }

    def draw_frames(
        self, pictures: Iterator[Picture], settings: Settings, state: bytes, cancel: Cancel
    ) -> Iterator[tuple[Picture | ImageError, bytes]]:
        """See `DrawsFrames`."""
        carried = CarriedStatistics.from_state(state)
        for picture in prefetched(pictures, _AHEAD):
            drawn: Picture | ImageError
            try:
                drawn = self._stylizer.stylize(picture, settings, cancel=cancel, carried=carried)
            except ImageError as error:
                drawn = error
            yield drawn, carried.state()


@dataclass(frozen=True)
class Drawn(Generic[Frame]):
    """What came of a frame.

    drawing: what is wrong with it where it could not be drawn. state: what to go on with after it.
    """

    frame: Frame
    drawing: Picture | ImageError
    state: bytes


def draw_in_order(
    drawer: DrawsFrames,
    frames: Iterable[tuple[Frame, Picture | ImageError]],
    settings: Settings,
    state: bytes,
) -> Generator[Drawn[Frame], None, None]:
    """Yield what comes of each frame, in order; the next one is drawn meanwhile.

    frames: each with its picture, or with what is wrong with it; asked for in another thread.

    A keyboard interrupt, and closing what this returns, stop the drawing that is under way.

    Raises:
        NijiganError: as `DrawsFrames.draw_frames`; and what `frames` raises.
    """
    cancel = Cancel()
    results = _matched(drawer, frames, settings, state, cancel)
    # In another thread: this one would not hear Ctrl-C while it is inside an engine.
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            coming = pool.submit(next, results, None)
            while (drawn := coming.result()) is not None:
                coming = pool.submit(next, results, None)
                yield drawn
        finally:
            cancel.set()


def _matched(
    drawer: DrawsFrames,
    frames: Iterable[tuple[Frame, Picture | ImageError]],
    settings: Settings,
    state: bytes,
    cancel: Cancel,
) -> Iterator[Drawn[Frame]]:
    """Tell what comes of which frame: those without a picture never get to what draws."""
    waiting: deque[tuple[Frame, ImageError | None]] = deque()

    def pictures() -> Iterator[Picture]:
        for frame, picture in frames:
            if isinstance(picture, ImageError):
                waiting.append((frame, picture))
            else:
                waiting.append((frame, None))
                yield picture

    for drawing, after in drawer.draw_frames(pictures(), settings, state, cancel):
        frame, error = waiting.popleft()
        while error is not None:
            yield Drawn(frame, error, state)
            frame, error = waiting.popleft()
        state = after
        yield Drawn(frame, drawing, state)
    for frame, error in waiting:
        if error is not None:
            yield Drawn(frame, error, state)
