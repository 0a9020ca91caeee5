"""Takes the frames of an animation, and has them drawn one after the other."""

from collections.abc import Iterator

from nijigan.core.errors import (
    EngineError,
    ImageError,
    ImageTooLargeError,
    NijiganError,
    RequestError,
)
from nijigan.core.images import MAX_PIXELS
from nijigan.server.order import Received
from nijigan.server.pixels import BYTES_PER_PIXEL, ENCODED
from nijigan.server.shorten import shorten
from nijigan.server.upload import MAX_FILE_BYTES, check_chunk, check_formats
from nijigan.v1 import stylizer_pb2 as pb

MOST_AHEAD = 2
_MOST_CHARACTERS = 300

OF_ONE_FRAME = (ImageError, RequestError, EngineError)
"""What is wrong with one frame and need not be with the next."""


def receive_settings(requests: Iterator[pb.StylizeFramesRequest]) -> pb.FramesSettings:
    """Receive the settings.

    Raises:
        RequestError: something else comes first, or a format is not known.
    """
    first = next(requests, None)
    if first is None or first.WhichOneof("part") != "settings":
        raise RequestError("The first message is not the settings.", "Send them first.")
    check_formats(first.settings.each)
    return first.settings


def receive_frames(
    requests: Iterator[pb.StylizeFramesRequest], settings: pb.FramesSettings
) -> Iterator[Received]:
    """Yield each frame as soon as its last byte has come.

    Raises:
        RequestError: messages that no frame can be made of.
    """
    number, coming = settings.first_number, None
    for request in requests:
        part = request.WhichOneof("part")
        if part == "frame":
            if coming is not None:
                yield coming.received(number)
                number += 1
            coming = _Coming(request.frame, settings.each)
        elif part == "chunk":
            check_chunk(request.chunk)
            if coming is None:
                raise RequestError("A chunk belongs to no frame.", "Send the frame first.")
            coming.take(request.chunk)
        else:
            raise RequestError(
                "A message after the settings is no frame and no chunk.", "Send frames."
            )
        if coming is not None and coming.is_whole:
            yield coming.received(number)
            number, coming = number + 1, None
    if coming is not None:
        yield coming.received(number)


def failed(number: int, error: NijiganError) -> pb.FrameFailed:
    """Return what a client is told of a frame that was not drawn."""
    texts = (shorten(text, _MOST_CHARACTERS) for text in (error.message, error.remedy))
    message, remedy = texts
    return pb.FrameFailed(number=number, reason=error.reason, message=message, remedy=remedy)


class _Coming:
    """A frame whose bytes come. Those of one that is refused are counted and not kept."""

    def __init__(self, frame: pb.Frame, each: pb.StylizeSettings) -> None:
        self._width = frame.width_px or each.width_px
        self._height = frame.height_px or each.height_px
        self._data = bytearray()
        self._came = 0
        self._error: NijiganError | None = None
        if each.format == ENCODED:
            self._size, most = frame.size_bytes, MAX_FILE_BYTES
        else:
            per_pixel = BYTES_PER_PIXEL[each.format]
            self._size, most = self._width * self._height * per_pixel, MAX_PIXELS * per_pixel
        if not self._size:
            self._error = ImageError("The frame says no size.", "Say width and height, or bytes.")
        elif self._size > most:
            self._error = ImageTooLargeError(
                f"The frame has {self._size} bytes; the limit is {most}.", "Scale it down first."
            )

    @property
    def is_whole(self) -> bool:
        return self._came >= self._size

    def take(self, chunk: bytes) -> None:
        self._came += len(chunk)
        if self._error is None:
            self._data += chunk

    def received(self, number: int) -> Received:
        error = self._error
        if error is None and self._came != self._size:
            error = ImageError(
                f"{self._came} bytes came; {self._size} were announced.",
                "Check the size and format.",
            )
        return Received(number, self._width, self._height, error or self._data)
