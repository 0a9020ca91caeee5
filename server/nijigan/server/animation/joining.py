"""Joins encoded segments with the sound of the video that they were drawn from."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from heapq import merge
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from nijigan.core.errors import OutputError, UsageError
from nijigan.core.video_file import opened_video
from nijigan.server.animation.clip import Clip
from nijigan.server.animation.containers import CONTAINERS, Container
from nijigan.server.animation.encoding import Encoding, encoding_errors

AnyPacket: TypeAlias = "Packet[Any]"


def join(
    clip: Clip, container: Container, segments: Iterable[Path], target: Path, folder: Path
) -> None:
    """Write the segments of a drawn clip, in order, and its sound into one file, whole or not.

    Nothing is encoded again. folder: on the disk of `target`, to write in.

    Raises:
        VideoError, OutputError: as reading and writing do. OSError: the file cannot be written.
    """
    whole = folder / f"whole{target.suffix}"
    try:
        with encoding_errors(target):
            _mux(clip, container, segments, whole)
        whole.replace(target)
    finally:
        whole.unlink(missing_ok=True)


def _mux(clip: Clip, container: Container, segments: Iterable[Path], path: Path) -> None:
    options = dict(container.options)
    with (
        opened_video(clip.path) as (source, _),
        av.open(str(path), "w", format=container.name, container_options=options) as out,
    ):
        drawn = Encoding(clip, container.codec).add_to(out)
        sound = {stream.index: _add_sound(stream, out) for stream in _sound(source)}
        pictures, heard = _pictures(clip, segments, drawn), _heard(clip, source, sound)
        for packet in merge(pictures, heard, key=_decoded_at):
            out.mux(packet)


def check_container(clip: Clip, container: Container) -> Counter[str]:
    """See before anything is drawn that such a file can hold the result.

    Returns how many streams of which type will not be in it.

    Raises:
        UsageError: it cannot hold the sound.
        OutputError: it cannot hold the pictures, or FFmpeg was built without their encoder.
    """
    with opened_video(clip.path) as (source, pictures):
        sound = list(_sound(source))
        with encoding_errors(clip.path):
            _try_header(clip, container, [])
        if not _holds(clip, container, sound):
            codecs = ", ".join(sorted({stream.codec_context.name for stream in sound}))
            others = [suffix for suffix, c in CONTAINERS.items() if _holds(clip, c, sound)]
            raise UsageError(
                f"A file of the kind {container.name} cannot hold the sound of {clip.path}, "
                f"which is {codecs}.",
                f"Write {_either(others)}." if others else "Convert the sound first.",
            )
        kept = {stream.index for stream in (pictures, *sound)}
        return Counter(stream.type for stream in source.streams if stream.index not in kept)


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _holds(clip: Clip, container: Container, sound: Iterable[AudioStream]) -> bool:
    try:
        _try_header(clip, container, sound)
    except (ValueError, av.error.FFmpegError, OutputError):
        return False
    return True


def _try_header(clip: Clip, container: Container, sound: Iterable[AudioStream]) -> None:
    with av.open(BytesIO(), "w", format=container.name) as out:
        Encoding(clip, container.codec).add_to(out)
        for stream in sound:
            _add_sound(stream, out)
        out.start_encoding()


def _sound(source: InputContainer) -> Iterator[AudioStream]:
    """Yield the streams of sound, but those of a codec that FFmpeg does not know."""
    return (stream for stream in source.streams.audio if stream.codec_context is not None)


def _add_sound(stream: AudioStream, out: OutputContainer) -> AudioStream:
    copied = out.add_stream_from_template(stream)
    if stream.language:
        copied.metadata["language"] = stream.language
    copied.disposition = stream.disposition
    return copied


def _pictures(clip: Clip, segments: Iterable[Path], drawn: VideoStream) -> Iterator[AnyPacket]:
    """Yield the frames of the segments, each as long as it is until the next."""
    before: Packet[Any] | None = None
    began = 0
    for packet, pts in _encoded(segments):
        time = round(pts * packet.time_base / clip.time_base)
        packet.time_base, packet.stream = clip.time_base, drawn
        packet.pts = packet.dts = time
        if before is not None:
            before.duration = time - began
            yield before
        before, began = packet, time
    if before is not None:
        before.duration = clip.end - began
        yield before


def _encoded(segments: Iterable[Path]) -> Iterator[tuple[AnyPacket, int]]:
    """Yield each encoded frame, and when it is shown in its segment's unit of time."""
    for path in segments:
        with opened_video(path) as (segment, stream):
            for packet in segment.demux(stream):
                if packet.pts is not None:  # as at the end of a stream
                    yield packet, packet.pts


def _heard(
    clip: Clip, source: InputContainer, sound: Mapping[int, AudioStream]
) -> Iterator[AnyPacket]:
    """Yield the packets of sound, with times as those of the clip count."""
    if not sound:
        return
    for packet in source.demux(*(source.streams[index] for index in sound)):
        if packet.pts is None:  # the end of a stream
            continue
        late = round(clip.begin / packet.time_base)
        packet.pts -= late
        packet.dts = packet.pts if packet.dts is None else packet.dts - late
        packet.stream = sound[packet.stream_index]
        yield packet


def _decoded_at(packet: AnyPacket) -> Fraction:
    return (packet.dts or 0) * packet.time_base
