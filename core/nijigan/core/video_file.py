"""Reads the frames of a video file as they are shown: upright, of square pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.reformatter import Colorspace
from av.video.stream import VideoStream
from numpy.typing import NDArray

from nijigan.core.errors import VideoError

_HDR = (16, 18)  # PQ and HLG, as ITU-T H.273 numbers transfer functions
_UNSPECIFIED = 2
_HIGH_DEFINITION = 720


@contextmanager
def opened_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video of any container and codec that FFmpeg reads; yield it and its moving pictures.

    Raises:
        VideoError: it cannot be read, or nothing in it moves: the cover of an album does not.
    """
    try:
        container = av.open(str(path))
    except (OSError, av.error.FFmpegError) as error:
        raise VideoError(
            f"{path} cannot be read as a video ({error.strerror}).", "Check the path and the file."
        ) from error
    with container:
        for stream in container.streams.video:
            if not stream.disposition & Disposition.attached_pic:
                break
        else:
            raise VideoError(f"{path} has no video stream.", "Name a video.")
        stream.thread_type = "AUTO"
        yield container, stream


def decoded_frames(
    container: InputContainer, stream: VideoStream, path: Path
) -> Iterator[av.VideoFrame]:
    """Yield the frames of a stream, in the order in which they are shown.

    Raises:
        VideoError: it is damaged, or interlaced, or in HDR.
    """
    decoded = 0
    try:
        for frame in container.decode(stream):
            if frame.interlaced_frame:
                raise VideoError(
                    f"{path} is interlaced: every frame has lines of two moments.",
                    "Deinterlace it first: ffmpeg -i VIDEO -vf bwdif OUT.mkv.",
                )
            if frame.color_trc in _HDR:
                raise VideoError(
                    f"{path} is in HDR, whose colors mean something else.",
                    "Convert it to Rec. 709 first.",
                )
            decoded += 1
            yield frame
    except av.error.FFmpegError as error:
        raise VideoError(
            f"{path} is damaged after {decoded} frames ({error.strerror}).",
            "Fetch it again, or mend it: ffmpeg -i VIDEO -crf 12 OUT.mkv.",
        ) from error


def shown_pixels(frame: av.VideoFrame, stream: VideoStream) -> NDArray[np.uint8]:
    """Return a frame as it is shown: `(H, W, 3)`, upright, of square pixels."""
    aspect = stream.sample_aspect_ratio or 1
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
