"""Pictures as the bytes that travel, and back."""

import numpy as np
from numpy.typing import NDArray

from nijigan.core.images import Picture, decode_picture, encode_picture
from nijigan.v1.stylizer_pb2 import PictureFormat

RGBA8 = PictureFormat.PICTURE_FORMAT_RGBA8
BGRA8 = PictureFormat.PICTURE_FORMAT_BGRA8
RGB8 = PictureFormat.PICTURE_FORMAT_RGB8
ENCODED = PictureFormat.PICTURE_FORMAT_ENCODED
BYTES_PER_PIXEL = {RGBA8: 4, BGRA8: 4, RGB8: 3}


def picture_from_bytes(
    data: bytearray, width: int, height: int, picture_format: PictureFormat
) -> Picture:
    """Return the picture that `data` is; `width` and `height` are not used for an encoded one.

    Raises:
        ImageError: an encoded picture is not one, or too large.
    """
    if picture_format == ENCODED:
        return decode_picture(bytes(data), "The picture that was sent")
    pixels = np.frombuffer(data, np.uint8).reshape(height, width, BYTES_PER_PIXEL[picture_format])
    red_first = pixels[..., 2::-1] if picture_format == BGRA8 else pixels[..., :3]
    rgb = np.ascontiguousarray(red_first)
    if picture_format == RGB8 or (pixels[..., 3] == 255).all():
        return Picture(rgb)
    return Picture(rgb, pixels[..., 3].copy())


def bytes_from_picture(picture: Picture, picture_format: PictureFormat) -> memoryview:
    """Return the bytes of `picture`; PNG where an encoded one is asked for."""
    if picture_format == ENCODED:
        return memoryview(encode_picture(picture, ".png"))
    if picture_format == RGB8:
        return _flat(picture.rgb)
    pixels = np.empty((picture.height, picture.width, 4), np.uint8)
    pixels[..., :3] = picture.rgb[..., ::-1] if picture_format == BGRA8 else picture.rgb
    pixels[..., 3] = 255 if picture.alpha is None else picture.alpha
    return _flat(pixels)


def _flat(pixels: NDArray[np.uint8]) -> memoryview:
    return np.ascontiguousarray(pixels).data.cast("B")
