# SPDX-License-Identifier: GPL-3.0-or-later
"""Between Blender's images and the sidecar's pictures.

Blender's rows begin at the bottom. Its images of 8 bits have the values of their file, with
straight alpha; those of floats are scene linear, with premultiplied alpha.
"""

from typing import Any, NamedTuple

import bpy
import numpy as np
import numpy.typing as npt

from nijigan.client import Result
from nijigan_host.drawing import Picture
from nijigan_host.errors import SourceError

_LEAST_SIDE = 16
_MANY = ("MOVIE", "SEQUENCE", "TILED")
_PREMULTIPLIED = ("PREMUL", "STRAIGHT")  # the others have alpha that is something else
MAX_NAME = 63


class Origin(NamedTuple):
    """What a drawing takes over from the image that it is drawn from.

    key: a name that no other image has, of another file neither. is_data: whether its values are
    other numbers than colors.
    """

    name: str
    key: str
    is_float: bool
    colorspace: str
    is_data: bool
    alpha_mode: Any  # one of Blender's words


def origin_of(image: bpy.types.Image) -> Origin:
    """Return it; it outlives the image, as on undo."""
    space = image.colorspace_settings
    return Origin(
        image.name, image.name_full, image.is_float, space.name, space.is_data, image.alpha_mode
    )


def picture_of(image: bpy.types.Image) -> Picture:
    """Return an image's picture: RGBA8, or RGBA32F where it has floats.

    Raises:
        SourceError: it has no pixels, or too few, or is several.
    """
    if image.source in _MANY:
        raise SourceError(
            f"The image {image.name!r} is a {image.source.lower()} image.", "Open a single one."
        )
    width, height = image.size
    if width == 0 or height == 0:
        raise SourceError(f"The image {image.name!r} has no pixels.", "Is its file there?")
    if min(width, height) < _LEAST_SIDE:
        raise SourceError(
            f"The image {image.name!r} has {width}x{height} pixels.",
            f"Sides of {_LEAST_SIDE} and more can be drawn.",
        )
    values = np.empty(width * height * image.channels, np.float32)
    pixels: Any = image.pixels  # its stub says float
    pixels.foreach_get(values)
    rgba = _four_channels(values.reshape(height, width, image.channels))[::-1]
    if not image.is_float:
        return Picture(np.rint(rgba * 255).astype(np.uint8).tobytes(), width, height)
    if image.alpha_mode in _PREMULTIPLIED:
        rgba = _straight(rgba)
    return Picture(rgba.astype("<f4").tobytes(), width, height, "RGBA32F")


def new_image(result: Result, origin: Origin, style: str) -> bpy.types.Image:
    """Return a new image with a drawing, named after the style and packed into the file."""
    image = bpy.data.images.new(
        f"{style} {origin.name}"[:MAX_NAME],
        result.width,
        result.height,
        alpha=True,
        float_buffer=origin.is_float,
    )
    if not origin.is_float or origin.is_data:  # floats are scene linear by now
        image.colorspace_settings.name = origin.colorspace
    image.alpha_mode = _alpha_mode(origin)
    put_pixels(image, result)
    image.pack()
    return image


def put_pixels(image: bpy.types.Image, result: Result) -> None:
    """Put a drawing into an image of its size, 8 bits or floats as the drawing has."""
    shape = result.height, result.width, 4
    if result.format == "RGBA8":
        rgba = np.frombuffer(result.pixels, np.uint8).reshape(shape) / np.float32(255)
    else:
        rgba = np.frombuffer(result.pixels, "<f4").reshape(shape).astype(np.float32)
        if image.alpha_mode in _PREMULTIPLIED:
            rgba[..., :3] *= rgba[..., 3:]
    pixels: Any = image.pixels  # its stub says float
    pixels.foreach_set(np.ascontiguousarray(rgba[::-1], np.float32).ravel())
    image.update()


def _alpha_mode(origin: Origin) -> Any:
    """What is packed is a file with premultiplied alpha where it has floats, and is read so."""
    return "PREMUL" if origin.is_float and origin.alpha_mode == "STRAIGHT" else origin.alpha_mode


def _four_channels(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    height, width, channels = values.shape
    if channels == 4:
        return values
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = values[..., :3] if channels == 3 else values[..., :1]
    return rgba


def _straight(rgba: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    alpha = rgba[..., 3:]
    rgb = np.divide(rgba[..., :3], alpha, out=np.zeros_like(rgba[..., :3]), where=alpha > 0)
    return np.concatenate([rgb, alpha], axis=2)
