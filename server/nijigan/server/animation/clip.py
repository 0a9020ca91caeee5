"""What a video is: looked through once before hours go into drawing it, then read for that."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from nijigan.core.errors import VideoError
from nijigan.core.images import Picture
from nijigan.core.video_file import decoded_frames, opened_video, shown_pixels

_NOMINAL_RATE = Fraction(25)
_NOMINAL_BASE = Fraction(1, 90_000)
_LOST_SECONDS = 0.5
_MEND = "Fetch it again, or mend it: ffmpeg -i VIDEO -crf 12 OUT.mkv."


@dataclass(frozen=True)
class Clip:
    """A video that can be drawn.

    width, height: in pixels, as it is shown. frames: how many. rate: of them in a second, on
    average. time_base: seconds that one unit of time is. end: when the last frame is over, in that
    unit. begin: the time of the file's clock from which times count here, in seconds.
    """

    path: Path
    sha256: str
    width: int
    height: int
    frames: int
    rate: Fraction
    time_base: Fraction
    end: int
    begin: Fraction


@dataclass(frozen=True)
class Moment:
    """When a frame is shown, and how long, in the unit of its clip."""

    time: int
    duration: int


def look_through(path: Path, progress: Callable[[float], None]) -> Clip:
    """Decode a video, so that what is wrong with it is known before it is drawn.

    progress: is told the part that is done, 0…1.

    Raises:
        VideoError: it cannot be read, has no frames or frames of several sizes, is damaged or cut
            short, or of a kind that is refused.
    """
    with opened_video(path) as (container, stream):
        clock = _Clock(container, stream)
        shapes, frames, last, pixels = set(), 0, None, None
        for frame in decoded_frames(container, stream, path):
            if frame.is_corrupt:
                raise VideoError(f"{path} is damaged after {frames} frames.", _MEND)
            frames, last = frames + 1, clock.moment(frame)
            shapes.add((frame.width, frame.height, frame.rotation))
            if pixels is None:
                pixels = shown_pixels(frame, stream)
            progress(clock.part(last))
        if last is None or pixels is None:
            raise VideoError(f"{path} has no frames.", "Name a video that plays.")
        if len(shapes) > 1:
            raise VideoError(f"{path} changes its size.", "Cut it into videos of one size each.")
        end = clock.end(last, path)
        height, width = pixels.shape[:2]
        digest = _sha256(path)
        return Clip(path, digest, width, height, frames, clock.rate, clock.base, end, clock.begin)


def read_clip(clip: Clip, skip: int) -> Iterator[tuple[Moment, Picture]]:
    """Yield the frames of a clip but the first `skip`, and when each is shown.

    They are decoded all the same: that is how the others come out bit for bit as they would.

    Raises:
        VideoError: as `look_through`.
    """
    with opened_video(clip.path) as (container, stream):
        clock = _Clock(container, stream)
        for number, frame in enumerate(decoded_frames(container, stream, clip.path)):
            moment = clock.moment(frame)
            if number >= skip:
                yield moment, Picture(shown_pixels(frame, stream))


class _Clock:
    """Tells when the frames of a stream are shown.

    Later than the one before, in any case: files without times, or with wrong ones, play too.
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self.base = stream.time_base or _NOMINAL_BASE
        self.rate = stream.average_rate or stream.guessed_rate or _NOMINAL_RATE
        self.begin = Fraction(container.start_time or 0, av.time_base)
        self._stream = stream
        self._length = container.duration / av.time_base if container.duration else 0.0
        self._offset = round(self.begin / self.base)
        self._usual = max(1, round(1 / (self.rate * self.base)))
        self._earliest = self._end = 0

    def moment(self, frame: av.VideoFrame) -> Moment:
        """Return when the next frame is shown."""
        said = self._end if frame.pts is None else frame.pts - self._offset
        time = max(self._earliest, said)
        moment = Moment(time, frame.duration or self._usual)
        self._earliest, self._end = time + 1, time + moment.duration
        return moment

    def part(self, moment: Moment) -> float:
        """Return which part of the file is over at a moment, 0…1."""
        return min(1.0, float(moment.time * self.base) / self._length) if self._length else 0.0

    def end(self, last: Moment, path: Path) -> int:
        """Return when the last frame is over: as the file says, which need not be how long it is.

        Raises:
            VideoError: it is over much before: the file was cut short.
        """
        seen = last.time + last.duration
        if self._stream.duration is None:
            return seen
        said = (self._stream.start_time or 0) + self._stream.duration - self._offset
        has, says = float(seen * self.base), float(said * self.base)
        if has < says - _LOST_SECONDS:
            raise VideoError(
                f"{path} is cut short: it has {has:.1f} of {says:.1f} seconds.",
                _MEND,
            )
        return said if said > last.time else seen


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
