"""What videos are written as, told by their suffix."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Codec:
    """How pictures are encoded.

    name: of FFmpeg's encoder. options: of that encoder. even: takes no odd sides in 4:2:0.
    """

    name: str
    options: Mapping[str, str]
    even: bool


@dataclass(frozen=True)
class Container:
    """A kind of file. name: FFmpeg's. options: of its writer."""

    name: str
    codec: Codec
    options: Mapping[str, str] = field(default_factory=dict)


# Without B-frames, frames are stored in the order in which they are shown, so that segments join
# at any place and with any timestamps.
_H264 = Codec("libx264", {"crf": "16", "preset": "medium", "bf": "0"}, even=True)
_VP9 = Codec("libvpx-vp9", {"crf": "20", "b": "0", "row-mt": "1", "cpu-used": "2"}, even=False)
_INDEX_FIRST = {"movflags": "+faststart"}  # so that it plays while it is fetched

CONTAINERS = {
    ".mp4": Container("mp4", _H264, _INDEX_FIRST),
    ".mov": Container("mov", _H264, _INDEX_FIRST),
    ".mkv": Container("matroska", _H264),
    ".webm": Container("webm", _VP9),
}
