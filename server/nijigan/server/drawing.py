"""Draws one picture on a worker thread, and tells how far it is and what it will look like."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

from nijigan.core.images import Picture
from nijigan.server.cancel import Cancel
from nijigan.server.carried import CarriedStatistics
from nijigan.server.deep_picture import AnyPicture, DeepPicture
from nijigan.server.jobs import Place
from nijigan.server.preview import draw_preview, preview_size
from nijigan.server.stylizer import Draws, Progress, Settings
from nijigan.server.tiling import Notes
from nijigan.server.watched import run_watched
from nijigan.v1 import stylizer_pb2 as pb


class ChecksAndDraws(Draws, Protocol):
    """What the sidecar needs of a `Stylizer`; the double in `nijigan.server.testing` is one too."""

    def check(self, settings: Settings, width: int, height: int) -> object:
        """Raise what is wrong with a request for a picture of that size."""

    def stylize(
        self,
        picture: AnyPicture,
        settings: Settings,
        progress: Progress,
        cancel: Cancel,
        carried: CarriedStatistics | None = None,
        notes: Notes | None = None,
    ) -> AnyPicture:
        """See `Stylizer.stylize`; any number of threads may call."""

    def load(self, name: str, quality: str, cancel: Cancel) -> object:
        """See `Stylizer.load`."""

    def unload(self, name: str) -> int:
        """See `Stylizer.unload`."""
        ...

    def unload_unused(self, seconds: float, /) -> int:
        """See `Stylizer.unload_unused`."""
        ...

    def graphs_in_memory(self) -> int:
        """See `Stylizer.graphs_in_memory`."""
        ...


@dataclass(frozen=True)
class Drawn:
    """A result, and the seconds that it waited and took."""

    picture: Picture | DeepPicture
    waited: float
    took: float
    notes: Notes


@dataclass(frozen=True)
class Wish:
    """What is wanted beside the picture.

    preview_side: its short side in pixels; 0 for none. batch: nobody waits for the picture.
    carried: of the frames before it, where it is one of an animation.
    """

    preview_side: int = 0
    batch: bool = False
    carried: CarriedStatistics | None = None


def draw(
    stylizer: ChecksAndDraws,
    place: Place,
    picture: Picture | DeepPicture,
    settings: Settings,
    cancel: Cancel,
    hang_seconds: float,
    wish: Wish,
) -> Generator[pb.StylizeResponse, None, Drawn]:
    """Yield a preview, if one is wanted, and progress while `picture` is drawn; return the result.

    Raises:
        CancelledError: `cancel` was set.
        EngineError: the drawing went no further for `hang_seconds`; the style was unloaded.
        NijiganError: whatever the stylizer raises.
    """
    submitted = time.monotonic()
    region = settings.region
    seen = picture if region is None else picture.cut(region.rows, region.columns)
    small = preview_size(seen.width, seen.height, wish.preview_side)

    def work(tell: Callable[[pb.StylizeResponse], None]) -> Drawn:
        began = time.monotonic()

        def progress(fraction: float, stage: str) -> None:
            tell(pb.StylizeResponse(progress=pb.Progress(fraction=fraction, stage=stage)))

        if small is not None:
            preview = draw_preview(stylizer, seen, small, settings, cancel)
            tell(pb.StylizeResponse(preview=preview))
        notes = Notes()
        result = stylizer.stylize(picture, settings, progress, cancel, wish.carried, notes)
        return Drawn(result, began - submitted, time.monotonic() - began, notes)

    def forget() -> None:
        stylizer.unload(settings.style)

    return (yield from run_watched(place, work, cancel, hang_seconds, forget, wish.batch))
