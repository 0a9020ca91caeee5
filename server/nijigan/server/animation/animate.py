"""Draws what moves, whatever it is and wherever it is drawn."""

from collections.abc import Callable, Generator

from nijigan.core.lazy import needs_extra
from nijigan.server.animation.drawing import DrawsHere
from nijigan.server.animation.plan import SequenceJob, VideoJob
from nijigan.server.animation.sequence import draw_sequence
from nijigan.server.batch import Failed, Written
from nijigan.server.remote import RemoteStylizer
from nijigan.server.stylizer import Progress, Settings, Stylizer


def draw_animation(
    stylizer: Stylizer | RemoteStylizer,
    job: VideoJob | SequenceJob,
    settings: Settings,
    restart: bool,
    progress: Progress,
    tell: Callable[[str], None],
) -> Generator[Written | Failed, None, None]:
    """Yield the video once it is written, or what came of each picture.

    See `draw_video` and `draw_sequence`.

    Raises:
        MissingExtraError: what videos need is not installed.
        NijiganError: as they do.
    """
    drawer = stylizer if isinstance(stylizer, RemoteStylizer) else DrawsHere(stylizer)
    if isinstance(job, SequenceJob):
        yield from draw_sequence(drawer, job, settings, restart, progress, tell)
        return
    with needs_extra("video"):
        from nijigan.server.animation.video import draw_video
    yield draw_video(drawer, job, settings, restart, progress, tell)
