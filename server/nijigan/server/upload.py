"""Receives one request, the settings and then the picture, and refuses what is wrong."""

from collections.abc import Iterator
from typing import TypeAlias

from nijigan.core.errors import ImageError, ImageTooLargeError, RequestError
from nijigan.server.exchange import Exchange
from nijigan.server.pixels import BYTES_PER_PIXEL, ENCODED
from nijigan.v1 import stylizer_pb2 as pb

MAX_CHUNK_BYTES = 2 << 20  # half of what a stock gRPC client takes in one message
MAX_FILE_BYTES = 256 << 20
MAX_PICTURE_BYTES = 32 << 20  # in one message: 3840x2160 pixels of four bytes fit

PictureRequest: TypeAlias = pb.StylizeRequest | pb.FrameFaceRequest
"""A message of a stream that brings one picture."""


def in_parts(request: pb.StylizePictureRequest) -> Iterator[pb.StylizeRequest]:
    """Yield the messages that would have brought the same to Stylize.

    Raises:
        ImageTooLargeError: more bytes than one message may bring.
        RequestError: the picture is said to be in a file, too.
    """
    size = len(request.picture)
    if size > MAX_PICTURE_BYTES:
        raise ImageTooLargeError(
            f"The picture has {size} bytes; the limit for one message is {MAX_PICTURE_BYTES}.",
            "Send it in chunks, with Stylize, or encoded.",
        )
    if request.settings.exchange_file:
        raise RequestError("StylizePicture uses no exchange file.", "Send the picture's bytes.")
    yield pb.StylizeRequest(settings=request.settings)
    for start in range(0, size, MAX_CHUNK_BYTES):
        yield pb.StylizeRequest(chunk=request.picture[start : start + MAX_CHUNK_BYTES])


def receive_settings(requests: Iterator[pb.StylizeRequest]) -> pb.StylizeSettings:
    """Receive the settings.

    Raises:
        RequestError: something else comes first, or a format is not known.
    """
    first = next(requests, None)
    if first is None or first.WhichOneof("part") != "settings":
        raise RequestError("The first message is not the settings.", "Send them first.")
    check_formats(first.settings)
    return first.settings


def check_formats(settings: pb.StylizeSettings | pb.FrameFaceSettings) -> None:
    """Refuse formats that are not known.

    Raises:
        RequestError: one is not.
    """
    if settings.format not in (*BYTES_PER_PIXEL, ENCODED):
        raise RequestError(f"The format is number {settings.format}.", "Send one that is known.")
    if settings.result_format not in (0, *BYTES_PER_PIXEL, ENCODED):
        raise RequestError(
            f"The result's format is number {settings.result_format}.", "Ask for a known one."
        )


def check_chunk(chunk: bytes) -> None:
    """Refuse a chunk that holds nothing, or too much.

    Raises:
        RequestError: it does.
    """
    if not chunk:
        raise RequestError("A chunk is empty.", "Send chunks that hold something.")
    if len(chunk) > MAX_CHUNK_BYTES:
        raise RequestError(
            f"A chunk has {len(chunk)} bytes; the limit is {MAX_CHUNK_BYTES}.",
            "Cut the picture into more chunks.",
        )


def receive_bytes(
    requests: Iterator[pb.StylizeRequest], settings: pb.StylizeSettings, exchange: Exchange
) -> bytearray:
    """Receive the bytes of the picture, up to the end of the client's side, or from its file.

    Raises:
        ExchangeError: the file cannot be used.
        RequestError: a message is no chunk, or a chunk is empty or too large.
        ImageError: more or fewer bytes than the settings say.
    """
    width, height = settings.width_px, settings.height_px
    if settings.exchange_file:
        if settings.format == ENCODED:
            raise RequestError("An encoded picture has no exchange file.", "Send it in chunks.")
        size = width * height * BYTES_PER_PIXEL[settings.format]
        return exchange.read(settings.exchange_file, size)
    return receive_chunks(requests, width, height, settings.format)


def receive_chunks(
    requests: Iterator[PictureRequest], width: int, height: int, picture_format: pb.PictureFormat
) -> bytearray:
    """Receive the bytes of the picture in chunks.

    Raises:
        RequestError, ImageError: as `receive_bytes`.
    """
    if picture_format == ENCODED:
        return _receive_bytes(requests, 1, MAX_FILE_BYTES)
    size = width * height * BYTES_PER_PIXEL[picture_format]
    return _receive_bytes(requests, size, size)


def _receive_bytes(requests: Iterator[PictureRequest], least: int, most: int) -> bytearray:
    data = bytearray()
    for request in requests:
        if request.WhichOneof("part") != "chunk":
            raise RequestError("A message after the settings is no chunk.", "Send one picture.")
        check_chunk(request.chunk)
        data += request.chunk
        if len(data) > most:
            raise ImageError(f"More than {most} bytes were sent.", "Check the size and format.")
    if len(data) < least:
        raise ImageError(
            f"{len(data)} bytes were sent; {least} were announced.", "Check the size and format."
        )
    return data
