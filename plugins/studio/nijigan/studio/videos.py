"""Draws a video by the code that `nijigan stylize` draws videos with, in the sidecar."""

from pathlib import Path
from typing import Any

from nijigan.core.errors import ImageError, NijiganError, VideoError
from nijigan.core.lazy import needs_extra
from nijigan.server.animation.containers import CONTAINERS
from nijigan.server.animation.plan import VideoJob
from nijigan.server.remote import RemoteStylizer
from nijigan.server.stylizer import Settings
from nijigan.studio.drawing import Look
from nijigan.studio.uploads import Upload
from nijigan.studio.work import Work


def target_in(folder: Path, upload: Upload) -> Path:
    """Return where the drawing of a video goes: in its own container, or else in MP4."""
    suffix = Path(upload.name).suffix.lower()
    return folder / f"drawn{suffix if suffix in CONTAINERS else '.mp4'}"


def draw_video(
    upload: Upload, look: Look, steady: bool, target: Path, work: Work[Any]
) -> list[str]:
    """Write the drawn video, with the sound of the source, and return what a person should know.

    steady: whether each frame is the mean of four drawings, so that nothing shimmers.
    A cancelled work stops after the frame that is being drawn.

    Raises:
        MissingExtraError: what videos need is not installed.
        VideoError, UsageError, OutputError: see `nijigan.server.animation.video.draw_video`.
        SidecarError: the sidecar is gone. CancelledError: the work was cancelled.
    """
    with needs_extra("video"):
        from nijigan.server.animation import video

    notes: list[str] = []
    settings = Settings(look.style, look.strength, look.quality, steady=steady)
    job = VideoJob(upload.path, target)
    with RemoteStylizer(batch=True) as stylizer:
        try:
            video.draw_video(stylizer, job, settings, False, work.tell, notes.append)
        except (ImageError, VideoError) as error:
            raise _named(error, upload) from error
    return [note.replace(upload.path.name, upload.name) for note in notes]


def _named(error: NijiganError, upload: Upload) -> NijiganError:
    return type(error)(error.message.replace(str(upload.path), upload.name), error.remedy)
