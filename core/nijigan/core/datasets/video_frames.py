"""Reads frames from a video, and tells where it cuts from one scene to the next."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from nijigan.core.datasets.letterbox import Area, picture_area
from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import VideoError
from nijigan.core.video_file import decoded_frames, opened_video, shown_pixels

_SMALL = (32, 18)
_CUT_LEVELS = 18.0
_CUT_FACTOR = 2.5
_REMEMBERED = 8
_SHORTEST = 4
_SETTLE_SECONDS = 0.2
_BAR_FRAMES = 100


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame of a video: `(H, W, 3)` uint8, upright, of square pixels, without bars."""

    number: int
    """Counts the frames of the video, from 0."""
    scene: int
    """Counts its scenes, from 0."""
    pixels: Pixels


def read_frames(path: Path, every: float, on_progress: Callable[[float], None]) -> Iterator[Frame]:
    """Yield a frame of each `every` seconds, counted anew from each cut.

    The first frame of a scene is taken a fifth of a second after the cut; shorter scenes give none.

    Args:
        path: of any container and codec that FFmpeg reads.
        every: seconds.
        on_progress: is told the part of the video that is read, 0…1.

    Raises:
        VideoError: it is not a video, or is interlaced or in HDR.
    """
    area = _area(path)
    cuts = Cuts()
    scene, due = 0, 0.0
    with opened_video(path) as (container, stream):
        length = container.duration / av.time_base if container.duration else 0
        for number, frame in enumerate(decoded_frames(container, stream, path)):
            seconds = _seconds(frame, number, stream)
            cut = cuts.at(_small(frame))
            scene += cut
            if cut or number == 0:
                due = seconds + min(every, _SETTLE_SECONDS)
            if seconds >= due:
                due += every
                yield Frame(number, scene, area.of(shown_pixels(frame, stream)))
            if length:
                on_progress(min(1.0, seconds / length))


class Cuts:
    """Tells a cut from movement: most of the picture changes, and much more than it did before.

    A scene has five frames at least, so that a flash or the start of a fast pan is one cut at most.
    Fades are missed: the scenes on both sides count as one, which keeps them on one side of a
    split.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None
        self._changes: deque[float] = deque(maxlen=_REMEMBERED)

    def at(self, small: NDArray[np.float32]) -> bool:
        """Return whether a frame, reduced to a few pixels of 0…255, begins a scene."""
        before, self._before = self._before, small
        if before is None:
            return False
        change = float(np.abs(small - before).mean())
        if len(self._changes) >= _SHORTEST and change > max(
            _CUT_LEVELS, _CUT_FACTOR * max(self._changes)
        ):
            self._changes.clear()
            return True
        self._changes.append(change)
        return False


def _area(path: Path) -> Area:
    """Find the bars on the key frames, which can be decoded alone."""
    with opened_video(path) as (container, stream):
        stream.codec_context.skip_frame = "NONKEY"
        frames = []
        for frame in decoded_frames(container, stream, path):
            frames.append(shown_pixels(frame, stream))
            if len(frames) == _BAR_FRAMES:
                break
    if not frames:
        raise VideoError(f"{path} has no frames.", "Name a video that plays.")
    return picture_area(frames)


def _seconds(frame: av.VideoFrame, number: int, stream: VideoStream) -> float:
    if frame.pts is not None:
        return frame.time
    return number / float(stream.average_rate or 25)


def _small(frame: av.VideoFrame) -> NDArray[np.float32]:
    width, height = _SMALL
    return frame.reformat(width, height, "rgb24").to_ndarray().astype(np.float32)
