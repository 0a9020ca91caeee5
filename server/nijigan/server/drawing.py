"""Draws one picture on a worker thread, and tells how far it is and what it will look like."""

import concurrent.futures
import time
from collections.abc import Generator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Protocol

from nijigan.core.errors import CancelledError
from nijigan.core.images import Picture
from nijigan.server.cancel import Cancel
from nijigan.server.jobs import Jobs
from nijigan.server.preview import draw_preview, preview_size
from nijigan.server.stylizer import Draws, Settings
from nijigan.v1 import stylizer_pb2 as pb


class ChecksAndDraws(Draws, Protocol):
    """What the sidecar needs of a `Stylizer`; the double in `nijigan.server.testing` is one too."""

    def check(self, settings: Settings, width: int, height: int) -> object:
        """Raise what is wrong with a request for a picture of that size."""

    def load(self, name: str, quality: str, cancel: Cancel) -> object:
        """See `Stylizer.load`."""

    def unload(self, name: str) -> int:
        """See `Stylizer.unload`."""
        ...


@dataclass(frozen=True)
class Drawn:
    """A result, and the seconds that it waited and took."""

    picture: Picture
    waited: float
    took: float


def draw(
    stylizer: Draws,
    jobs: Jobs,
    picture: Picture,
    settings: Settings,
    cancel: Cancel,
    preview_side: int = 0,
) -> Generator[pb.StylizeResponse, None, Drawn]:
    """Yield a preview, if one is wanted, and progress while `picture` is drawn; return the result.

    Raises:
        CancelledError: `cancel` was set. NijiganError: whatever the stylizer raises.
    """
    steps: SimpleQueue[pb.StylizeResponse | None] = SimpleQueue()
    submitted = time.monotonic()
    small = preview_size(picture.width, picture.height, preview_side)

    def progress(fraction: float, stage: str) -> None:
        steps.put(pb.StylizeResponse(progress=pb.Progress(fraction=fraction, stage=stage)))

    def work() -> Drawn:
        began = time.monotonic()
        if small is not None:
            preview = draw_preview(stylizer, picture, small, settings, cancel)
            steps.put(pb.StylizeResponse(preview=preview))
        result = stylizer.stylize(picture, settings, progress, cancel)
        return Drawn(result, began - submitted, time.monotonic() - began)

    future = jobs.submit(work)
    future.add_done_callback(lambda _: steps.put(None))
    with cancel.on_set(lambda: _drop(future)):
        yield from iter(steps.get, None)
    try:
        return future.result()
    except concurrent.futures.CancelledError as error:  # before a worker was free
        raise CancelledError("Stopped before it began.") from error


def _drop(future: concurrent.futures.Future[Drawn]) -> None:
    future.cancel()
