"""Draws a video by the code that `nijigan stylize` draws videos with, in the sidecar."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nijigan.core.errors import NijiganError
from nijigan.core.lazy import needs_extra
from nijigan.server.animation.containers import CONTAINERS
from nijigan.server.animation.plan import VideoJob
from nijigan.server.remote import RemoteStylizer
from nijigan.server.stylizer import Settings
from nijigan.studio.drawing import Look
from nijigan.studio.uploads import Upload
from nijigan.studio.work import Work

_GOES_ON = "the same command goes on"


def target_in(folder: Path, upload: Upload) -> Path:
    """Return where the drawing of a video goes: in its own container, or else in MP4."""
    suffix = Path(upload.name).suffix.lower()
    return folder / f"drawn{suffix if suffix in CONTAINERS else '.mp4'}"


def draw_video(
    upload: Upload, look: Look, steady: bool, folder: Path, work: Work[Any]
) -> tuple[Path, list[str]]:
    """Write the drawn video, with the sound of the source; return it, and what people should know.

    A cancelled work stops after the frame that is being drawn. What is drawn by then, or when
    something goes wrong, stays in the folder, and the next call goes on.

    Args:
        upload: the video.
        look: how it is drawn.
        steady: whether each frame is the mean of four drawings, so that nothing shimmers.
        folder: a place of this video and look alone.
        work: is told how it goes.

    Raises:
        MissingExtraError: what videos need is not installed.
        VideoError, UsageError, OutputError: see `nijigan.server.animation.video.draw_video`.
        SidecarError: the sidecar is gone. CancelledError: the work was cancelled.
    """
    with needs_extra("video"):
        from nijigan.server.animation import video

    notes: list[str] = []
    settings = Settings(look.style, look.strength, look.quality, steady=steady)
    job = VideoJob(_kept(upload, folder), target_in(folder, upload))
    with RemoteStylizer(batch=True) as stylizer:
        try:
            video.draw_video(stylizer, job, settings, False, work.tell, notes.append)
        except NijiganError as error:
            _tell_on_the_page(error, job, upload, notes)
            raise
    return job.target, [note.replace(job.source.name, upload.name) for note in notes]


def _kept(upload: Upload, folder: Path) -> Path:
    """Return the video in the folder: uploads are removed after a day, drawn or not."""
    clip = folder / f"clip{upload.path.suffix}"
    if not clip.exists():
        try:
            os.link(upload.path, clip)
        except OSError:  # some file systems have no links
            shutil.copyfile(upload.path, clip)
    return clip


def _tell_on_the_page(
    error: NijiganError, job: VideoJob, upload: Upload, notes: Sequence[str]
) -> None:
    """Name the video as its owner does, and say what is drawn already."""
    message = error.message.replace(str(job.source), upload.name)
    message = message.replace(str(job.target), "The drawing")
    done = " ".join(note for note in notes if _GOES_ON in note)
    remedy = f"{error.remedy} {done.replace(_GOES_ON, 'the button goes on with them')}"
    NijiganError.__init__(error, message, remedy.strip())
