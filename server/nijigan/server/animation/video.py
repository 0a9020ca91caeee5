"""Draws a video."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path

from nijigan.core.errors import ImageError, VideoError
from nijigan.core.images import Picture
from nijigan.server.animation.clip import Clip, Moment, look_through, read_clip
from nijigan.server.animation.containers import CONTAINERS
from nijigan.server.animation.drawing import (
    Drawn,
    DrawsFrames,
    draw_in_order,
    everything_given,
)
from nijigan.server.animation.encoding import Encoding, write_segment
from nijigan.server.animation.joining import check_container, join
from nijigan.server.animation.plan import VideoJob
from nijigan.server.animation.unfinished import Unfinished, part_folder, unfinished
from nijigan.server.batch import Written
from nijigan.server.stylizer import Progress, Settings

# What is encoded together, and is lost when a run is killed meanwhile: so many frames, which is how
# far apart those are that players can jump to; or fewer, where drawing them takes so long.
_SEGMENT_FRAMES = 24
_SEGMENT_SECONDS = 60.0
_LOOKING = 0.01  # of the time that all takes


@dataclass(frozen=True)
class WrittenVideo(Written):
    """A video that was written. frames: in it. kept: those that an earlier run had drawn."""

    frames: int
    kept: int


def draw_video(
    drawer: DrawsFrames,
    job: VideoJob,
    settings: Settings,
    restart: bool,
    progress: Progress,
    tell: Callable[[str], None],
) -> WrittenVideo:
    """Draw a video, and write it with the sound of the source; go on where an earlier run stopped.

    restart: begin anew in any case. progress: is told the part that is done, 0…1, and what is
    being done. tell: is told what a person should know.

    Raises:
        VideoError: the source cannot be read.
        UsageError: the result cannot hold the sound; or an earlier run was of other settings.
        OutputError: a file cannot be written.
        NijiganError: what is wrong with the settings, or with a frame.
    """
    began = time.monotonic()
    made_by = everything_given(drawer, settings)
    name = job.source.name
    clip = look_through(job.source, lambda part: progress(_LOOKING * part, f"looking at {name}"))
    container = CONTAINERS[job.target.suffix.lower()]
    encoding = Encoding(clip, container.codec)
    _tell_what_changes(clip, encoding, check_container(clip, container), tell)
    run = {"source": clip.sha256, "kind": container.name, "av": version("av"), **made_by}

    def segments(frames: int) -> list[Path]:
        paths = sorted(part_folder(job.target).glob("*.nut"))
        return [path for path in paths if int(path.stem) < frames]

    def shown(done: int) -> None:
        part = _LOOKING + (1 - _LOOKING) * done / clip.frames
        progress(part, f"{name}, {done} of {clip.frames} frames")

    with unfinished(job.target, run, restart, clip.frames, segments, tell) as work:
        kept = work.frames
        shown(kept)
        with closing(draw_in_order(drawer, read_clip(clip, kept), settings, work.state)) as drawn:
            _draw_segments(drawn, work, encoding, clip, shown)
        join(clip, container, segments(clip.frames), job.target, work.folder)
    seconds = time.monotonic() - began
    return WrittenVideo(job, encoding.width, encoding.height, seconds, clip.frames, kept)


def _segment(folder: Path, first: int) -> Path:
    """Return the file of the frames from number `first` on; they sort as the frames do."""
    return folder / f"{first:09}.nut"


def _draw_segments(
    drawn: Iterator[Drawn[Moment]],
    work: Unfinished,
    encoding: Encoding,
    clip: Clip,
    shown: Callable[[int], None],
) -> None:
    state = work.state

    def frames() -> Iterator[tuple[Moment, Picture]]:
        nonlocal state
        began = time.monotonic()
        for number, each in enumerate(islice(drawn, _SEGMENT_FRAMES), work.frames + 1):
            if isinstance(each.drawing, ImageError):
                error = each.drawing
                raise ImageError(f"Frame {number} of {clip.path}: {error.message}", error.remedy)
            yield each.frame, each.drawing
            state = each.state
            shown(number)
            if time.monotonic() - began > _SEGMENT_SECONDS:
                return

    while work.frames < clip.frames:
        path = _segment(work.folder, work.frames)
        count = write_segment(path, encoding, frames())
        if not count:
            raise VideoError(f"{clip.path} has changed while it was drawn.", "Draw it again.")
        work.advance(count, state, [path])


def _tell_what_changes(
    clip: Clip, encoding: Encoding, lost: Counter[str], tell: Callable[[str], None]
) -> None:
    if (encoding.width, encoding.height) != (clip.width, clip.height):
        tell(
            f"{clip.path.name} is {clip.width}x{clip.height}; H.264 has even sides, so its edge is "
            f"repeated to {encoding.width}x{encoding.height}."
        )
    if lost:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(lost.items()))
        tell(f"Streams of {clip.path.name} that are not kept: {kinds}.")
