"""Reads frames from a video, and tells where it cuts from one scene to the next."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from nijigan.core.datasets.letterbox import Area, picture_area
from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import DataError

_SMALL = (32, 18)
_CUT_LEVELS = 18.0
_CUT_FACTOR = 2.5
_REMEMBERED = 8
_SHORTEST = 4
_SETTLE_SECONDS = 0.2
_BAR_FRAMES = 100
_HDR = (16, 18)  # PQ and HLG, as ITU-T H.273 numbers transfer functions
_UNSPECIFIED = 2
_HIGH_DEFINITION = 720


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
        DataError: it is not a video, or is interlaced or in HDR.
    """
    area = _area(path)
    cuts = Cuts()
    scene, due = 0, 0.0
    with _opened(path) as container:
        length = container.duration / av.time_base if container.duration else 0
        for number, frame in enumerate(_decode(container, path)):
            seconds = _seconds(frame, number, container)
            cut = cuts.at(_small(frame))
            scene += cut
            if cut or number == 0:
                due = seconds + min(every, _SETTLE_SECONDS)
            if seconds >= due:
                due += every
                yield Frame(number, scene, area.of(_pixels(frame, container)))
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
    with _opened(path) as container:
        container.streams.video[0].codec_context.skip_frame = "NONKEY"
        frames = []
        for frame in _decode(container, path):
            frames.append(_pixels(frame, container))
            if len(frames) == _BAR_FRAMES:
                break
    if not frames:
        raise DataError(f"{path} has no frames.", "Name a video that plays.")
    return picture_area(frames)


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    try:
        container = av.open(str(path))
    except (OSError, av.error.FFmpegError) as error:
        raise DataError(
            f"{path} cannot be read as a video ({error.strerror}).", "Check the path and the file."
        ) from error
    with container:
        if not container.streams.video:
            raise DataError(f"{path} has no video stream.", "Name a video.")
        container.streams.video[0].thread_type = "AUTO"
        yield container


def _decode(container: InputContainer, path: Path) -> Iterator[av.VideoFrame]:
    try:
        for frame in container.decode(video=0):
            if frame.interlaced_frame:
                raise DataError(
                    f"{path} is interlaced: every frame has lines of two moments.",
                    "Deinterlace it first: ffmpeg -i VIDEO -vf bwdif OUT.mkv.",
                )
            if frame.color_trc in _HDR:
                raise DataError(
                    f"{path} is in HDR, whose colors mean something else.",
                    "Convert it to Rec. 709 first.",
                )
            yield frame
    except av.error.FFmpegError as error:
        raise DataError(f"{path} is damaged ({error.strerror}).", "Fetch it again.") from error


def _seconds(frame: av.VideoFrame, number: int, container: InputContainer) -> float:
    if frame.pts is not None:
        return frame.time
    return number / float(container.streams.video[0].average_rate or 25)


def _small(frame: av.VideoFrame) -> NDArray[np.float32]:
    width, height = _SMALL
    return frame.reformat(width, height, "rgb24").to_ndarray().astype(np.float32)


def _pixels(frame: av.VideoFrame, container: InputContainer) -> Pixels:
    """Return a frame as it is shown."""
    aspect = container.streams.video[0].sample_aspect_ratio or 1
    # Where a file does not say which matrix made its colors, its height does, as players have it.
    high = frame.height >= _HIGH_DEFINITION
    matrix = Colorspace.ITU709 if high else Colorspace.ITU601
    shown = frame.reformat(
        round(frame.width * aspect),
        frame.height,
        "rgb24",
        src_colorspace=matrix if frame.colorspace == _UNSPECIFIED else None,
        interpolation="LANCZOS",
    )
    return np.ascontiguousarray(np.rot90(shown.to_ndarray(), round(frame.rotation / 90)))
