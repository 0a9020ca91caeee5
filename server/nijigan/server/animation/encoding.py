"""Encodes drawn frames."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import av.error
import numpy as np
from av.codec.codec import UnknownCodecError
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from av.video.stream import VideoStream

from nijigan.core.errors import OutputError
from nijigan.core.images import Picture
from nijigan.server.animation.clip import Clip, Moment
from nijigan.server.animation.containers import Codec

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP


class Encoding:
    """How the frames of a clip are encoded: 8 bits, 4:2:0, Rec. 709.

    width, height: in pixels; a side that has to be even is one larger where it is not.
    """

    def __init__(self, clip: Clip, codec: Codec) -> None:
        self.width, self.height = (
            side + side % 2 if codec.even else side for side in (clip.width, clip.height)
        )
        self._clip = clip
        self._codec = codec

    def add_to(self, out: OutputContainer) -> VideoStream:
        """Give a file a stream of such frames. Equal ones decode each other's.

        Raises:
            OutputError: FFmpeg was built without the encoder.
        """
        try:
            stream = out.add_stream(
                self._codec.name, self._clip.rate, options=dict(self._codec.options)
            )
        except UnknownCodecError as error:
            raise OutputError(
                f"This build of FFmpeg has no encoder {self._codec.name}.",
                "Install the package 'av' from the Python package index, which has it.",
            ) from error
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = self.width, self.height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = self._clip.time_base
        context = stream.codec_context
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        return stream

    def frame(self, picture: Picture, moment: Moment) -> av.VideoFrame:
        """Return a picture as a frame to encode; what makes a side even repeats its edge."""
        missing = (self.height - picture.height, self.width - picture.width)
        rgb = np.pad(picture.rgb, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=_EXACT,
        )
        frame.pts, frame.duration = moment.time, moment.duration
        frame.time_base = self._clip.time_base
        return frame


def write_segment(path: Path, encoding: Encoding, frames: Iterable[tuple[Moment, Picture]]) -> int:
    """Encode frames into a file of their own, whole or not at all; return how many there were.

    The file keeps their times. It is in the format NUT, which keeps any.

    Raises:
        OutputError: they cannot be encoded. OSError: the file cannot be written.
    """
    part = path.with_suffix(".tmp")
    count = 0
    try:
        with encoding_errors(path), av.open(str(part), "w", format="nut") as out:
            stream = encoding.add_to(out)
            for moment, picture in frames:
                out.mux(stream.encode(encoding.frame(picture, moment)))
                count += 1
            out.mux(stream.encode())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


@contextmanager
def encoding_errors(path: Path) -> Iterator[None]:
    """Raise what an encoder says as an error of ours; what the system says stays as it is."""
    try:
        yield
    except av.error.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise OutputError(
            f"{path} cannot be encoded ({error.strerror}).", "Choose another suffix."
        ) from error
