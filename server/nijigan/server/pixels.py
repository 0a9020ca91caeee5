"""Pictures as the bytes that travel, and back."""

import numpy as np
from numpy.typing import NDArray

from nijigan.core.images import Picture, decode_picture, encode_picture
from nijigan.server.deep_picture import DeepPicture, deep, eight_bits
from nijigan.v1.stylizer_pb2 import PictureFormat

RGBA8 = PictureFormat.PICTURE_FORMAT_RGBA8
BGRA8 = PictureFormat.PICTURE_FORMAT_BGRA8
RGB8 = PictureFormat.PICTURE_FORMAT_RGB8
RGBA16 = PictureFormat.PICTURE_FORMAT_RGBA16
RGBA32F = PictureFormat.PICTURE_FORMAT_RGBA32F
ENCODED = PictureFormat.PICTURE_FORMAT_ENCODED
BYTES_PER_PIXEL = {RGBA8: 4, BGRA8: 4, RGB8: 3, RGBA16: 8, RGBA32F: 16}
DEEP = (RGBA16, RGBA32F)
_WHITE_16 = np.float32(65535)


def picture_from_bytes(
    data: bytearray, width: int, height: int, picture_format: PictureFormat
) -> Picture | DeepPicture:
    """Return the picture that `data` is; `width` and `height` are not used for an encoded one.

    Raises:
        ImageError: an encoded picture is not one, or too large; a float is not finite.
    """
    if picture_format == ENCODED:
        return decode_picture(bytes(data), "The picture that was sent")
    if picture_format in DEEP:
        return _deep_from_bytes(data, (height, width, 4), picture_format)
    pixels = np.frombuffer(data, np.uint8).reshape(height, width, BYTES_PER_PIXEL[picture_format])
    rgb = _reordered(pixels, 3, picture_format)
    if picture_format == RGB8 or (pixels[..., 3] == 255).all():
        return Picture(rgb)
    return Picture(rgb, pixels[..., 3].copy())


def _reordered(
    pixels: NDArray[np.uint8], channels: int, picture_format: PictureFormat
) -> NDArray[np.uint8]:
    """Return the colors of `pixels`, between RGB and the order of a format, and room for the rest.

    Channel by channel, which is several times as fast as all at once.
    """
    found = np.empty((*pixels.shape[:2], channels), np.uint8)
    for channel in range(3):
        found[..., channel] = pixels[..., 2 - channel if picture_format == BGRA8 else channel]
    return found


def _deep_from_bytes(
    data: bytearray, shape: tuple[int, ...], picture_format: PictureFormat
) -> DeepPicture:
    if picture_format == RGBA16:
        pixels = np.divide(np.frombuffer(data, "<u2"), _WHITE_16, dtype=np.float32)
    else:
        pixels = np.frombuffer(data, "<f4")
    pixels = pixels.reshape(shape)
    alpha = None if (pixels[..., 3] == 1).all() else pixels[..., 3].copy()
    rgb = np.ascontiguousarray(pixels[..., :3])
    return (
        DeepPicture(rgb, alpha) if picture_format == RGBA16 else DeepPicture.from_linear(rgb, alpha)
    )


def bytes_from_picture(picture: Picture | DeepPicture, picture_format: PictureFormat) -> memoryview:
    """Return the bytes of `picture`; PNG where an encoded one is asked for."""
    if picture_format in DEEP:
        return _bytes_from_deep(deep(picture), picture_format)
    shallow = eight_bits(picture)
    if picture_format == ENCODED:
        return memoryview(encode_picture(shallow, ".png"))
    if picture_format == RGB8:
        return _flat(shallow.rgb)
    pixels = _reordered(shallow.rgb, 4, picture_format)
    pixels[..., 3] = 255 if shallow.alpha is None else shallow.alpha
    return _flat(pixels)


def _bytes_from_deep(picture: DeepPicture, picture_format: PictureFormat) -> memoryview:
    pixels = np.empty((picture.height, picture.width, 4), "<f4")
    pixels[..., :3] = picture.rgb if picture_format == RGBA16 else picture.linear()
    pixels[..., 3] = 1 if picture.alpha is None else picture.alpha
    if picture_format == RGBA32F:
        return _flat(pixels)
    return _flat(np.rint(pixels.clip(0, 1) * _WHITE_16).astype("<u2"))


def _flat(pixels: NDArray[np.generic]) -> memoryview:
    return np.ascontiguousarray(pixels).data.cast("B")
