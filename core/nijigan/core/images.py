"""Pictures outside (uint8 sRGB), tensors inside (float32 in [-1, 1]), and picture files.

Every conversion between the two is here. Needs numpy and Pillow alone.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps
from PIL.JpegImagePlugin import jpeg_factory
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from nijigan.core.atomic import write_atomically
from nijigan.core.errors import ImageError, ImageTooLargeError, OutputError
from nijigan.core.srgb import to_srgb

Level = TypeVar("Level", np.uint8, np.float32)

MAX_PIXELS = 8192 * 8192
MIN_SIDE = 16

_DECODERS: tuple[tuple[bytes, Callable[[IO[bytes], str], ImageFile.ImageFile]], ...] = (
    (rb"\xff\xd8\xff", jpeg_factory),
    (rb"\x89PNG\r\n\x1a\n", PngImageFile),
    (rb"RIFF....WEBP", WebPImageFile),
    (rb"II[*+]\0|MM\0[*+]", TiffImageFile),
)
_JPEG: dict[str, Any] = {"format": "JPEG", "quality": 95, "subsampling": 0}
_TIFF: dict[str, Any] = {"format": "TIFF", "compression": "tiff_adobe_deflate"}
_WRITE: dict[str, dict[str, Any]] = {
    ".jpeg": _JPEG,
    ".jpg": _JPEG,
    ".png": {"format": "PNG", "compress_level": 1},  # 5 times as fast as the default
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".webp": {"format": "WEBP", "quality": 95, "exact": True},
}
SUFFIXES = tuple(_WRITE)

# Ignores what Pillow says that it mends in a file: an entry of `warnings.filters`.
_MENDED = ("ignore", None, UserWarning, re.compile(r"PIL\."), 0)


@dataclass(frozen=True, eq=False)
class Picture:
    """An sRGB picture.

    rgb: uint8 `(H, W, 3)`. alpha: uint8 `(H, W)`, not premultiplied; None where it is opaque.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.rgb.shape[0])

    def with_rgb(self, rgb: NDArray[np.uint8]) -> Self:
        """Return a picture of other colors and the same alpha."""
        return replace(self, rgb=rgb)

    def on_white(self) -> NDArray[np.uint8]:
        """Return the colors as they look before white: those below transparency are by chance."""
        if self.alpha is None:
            return self.rgb
        alpha = self.alpha[..., None].astype(np.uint32)
        return ((self.rgb * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)

    def cut(self, rows: slice, columns: slice) -> Self:
        """Return a part of the picture."""
        alpha = None if self.alpha is None else self.alpha[rows, columns]
        return replace(self, rgb=self.rgb[rows, columns], alpha=alpha)


def read_picture(path: Path, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a JPEG, PNG, WebP or TIFF file: turned upright, converted to sRGB, 8 bits.

    The first page of a TIFF; an animation is refused.

    Raises:
        ImageError: it cannot be read, is not such a picture, is damaged, or means colors that we
            would have to guess.
        ImageTooLargeError: more than `max_pixels`; told from the header, before decoding.
    """
    with _opened(path) as file:
        return _decode(file, str(path), max_pixels)


def read_size(path: Path, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """Return width and height of what `read_picture` gives, from the header alone.

    A PNG file that says only behind its pixels that it lies on its side is taken as it lies.

    Raises:
        ImageError, ImageTooLargeError: as `read_picture`, where the header shows it.
    """
    name = str(path)
    with _opened(path) as file, _named_errors(name, max_pixels):
        image = _open(file, name, max_pixels)
        # Not `image.getexif()`: a PNG file's decodes, to look behind the pixels.
        on_its_side = Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1) >= 5
        # Of a TIFF file, newer Pillows give the size of the upright picture.
        width, height = (
            (image.tag_v2[ExifTags.Base.ImageWidth], image.tag_v2[ExifTags.Base.ImageLength])
            if isinstance(image, TiffImageFile)
            else image.size
        )
        return (height, width) if on_its_side else (width, height)


def decode_picture(data: bytes, name: str = "image", max_pixels: int = MAX_PIXELS) -> Picture:
    """Do as `read_picture` does with the bytes of a file; `name` is what an error calls it."""
    return _decode(BytesIO(data), name, max_pixels)


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture in the format of the path's suffix, whole or not at all.

    Raises:
        OutputError: as `encode_picture`, or the file cannot be written.
    """
    data = encode_picture(picture, path.suffix, str(path))
    try:
        write_atomically(path, data)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}).", "Choose another place with -o."
        ) from error


def encode_picture(picture: Picture, suffix: str, name: str = "image") -> bytes:
    """Return the bytes of a file of the format that `suffix` (".png") says.

    Raises:
        OutputError: an unknown suffix, alpha into JPEG, or more pixels than the format can hold.
    """
    settings = _WRITE.get(suffix.lower())
    if settings is None:
        raise OutputError(
            f"{name} has the suffix {suffix!r}.", f"Known are {', '.join(sorted(SUFFIXES))}."
        )
    if picture.alpha is None:
        image = Image.fromarray(picture.rgb)
    elif settings is _JPEG:
        raise OutputError(
            f"{name} would lose its transparency: JPEG has none.", "Write .png or .webp instead."
        )
    else:
        image = Image.fromarray(np.dstack([picture.rgb, picture.alpha]))
    data = BytesIO()
    try:
        image.save(data, **settings)
    except (OSError, ValueError) as error:
        raise OutputError(
            f"{name} cannot be encoded at {picture.width}x{picture.height} ({error}).",
            "Write .png or .tiff instead.",
        ) from error
    return data.getvalue()


def white(rgb: NDArray[Level]) -> np.float32:
    """Return the level of white: 255 in uint8, 1 in float32."""
    return np.float32(255 if rgb.dtype == np.uint8 else 1)


def to_tensor(rgb: NDArray[Level]) -> NDArray[np.float32]:
    """Convert `(H, W, 3)`, uint8 or float32 in [0, 1], to float32 `(1, 3, H, W)` in [-1, 1]."""
    scaled = np.empty((1, 3, *rgb.shape[:2]), np.float32)
    for channel in range(3):  # each in one go: several times as fast as to move axes
        np.divide(rgb[..., channel], white(rgb) / 2, out=scaled[0, channel], dtype=np.float32)
    scaled -= 1
    return scaled


def from_tensor(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Convert float32 `(1, 3, H, W)` to uint8 `(H, W, 3)`; values past [-1, 1] are clipped."""
    rgb = np.empty((*x.shape[2:], 3), np.uint8)
    for channel in range(3):
        levels = (x[0, channel] + 1) * np.float32(127.5)
        rgb[..., channel] = np.rint(levels, out=levels).clip(0, 255, out=levels)
    return rgb


def deep_from_tensor(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert float32 `(1, 3, H, W)` to float32 `(H, W, 3)` in [0, 1]; the rest is clipped."""
    rgb = np.empty((*x.shape[2:], 3), np.float32)
    for channel in range(3):
        rgb[..., channel] = ((x[0, channel] + 1) / 2).clip(0, 1)
    return rgb


def pad_to_multiple(rgb: NDArray[Level], multiple: int) -> NDArray[Level]:
    """Reflect `(H, W, 3)` at the right and bottom until both sides are multiples of `multiple`.

    The reflection is repeated where it exceeds the picture. `padded[:H, :W]` is the picture again.
    """
    rows, columns = (reflected_to_multiple(length, multiple) for length in rgb.shape[:2])
    if (rows.size, columns.size) == rgb.shape[:2]:
        return rgb
    return rgb[rows[:, None], columns]


def reflected_to_multiple(length: int, multiple: int) -> NDArray[np.int64]:
    """Return which of `length` pixels each one of a side padded to a multiple shows.

    0, 1, … `length` - 1, then back from there and forth again until the multiple is reached. This
    is the one rule by which a picture of any size gets a size that a network takes.
    """
    return np.pad(np.arange(length), (0, -length % multiple), mode="reflect")


def resize(rgb: NDArray[Level], width: int, height: int) -> NDArray[Level]:
    """Resize `(H, W, 3)`, or `(H, W)`, with a Lanczos filter that averages where it shrinks.

    uint8, or float32 in [0, 1].
    """
    if rgb.dtype != np.uint8 and rgb.ndim == 3:  # Pillow's float pictures have one channel
        channels = [resize(rgb[..., c], width, height) for c in range(rgb.shape[2])]
        return np.stack(channels, axis=-1)
    resized = np.asarray(
        Image.fromarray(rgb).resize((width, height), Image.Resampling.LANCZOS), rgb.dtype
    )
    return resized if rgb.dtype == np.uint8 else resized.clip(0, 1)


def size_at_short_side(width: int, height: int, short_side: int) -> tuple[int, int]:
    """Width and height, in the same proportion, whose shorter one is `short_side`."""
    factor = short_side / min(width, height)
    return max(short_side, round(width * factor)), max(short_side, round(height * factor))


def _decode(file: IO[bytes], name: str, max_pixels: int) -> Picture:
    with _named_errors(name, max_pixels):
        image = _open(file, name, max_pixels)
        if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
            raise ImageError(f"{name} is an animation.", "Save one frame of it first.")
        image.load()
        upright = ImageOps.exif_transpose(image)
        return Picture(*to_srgb(upright, name))


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise ImageError(
            f"{path} cannot be read ({error.strerror}).", "Check the path and its permissions."
        ) from error


@contextmanager
def _named_errors(name: str, max_pixels: int) -> Iterator[None]:
    """Turn whatever a decoder meets in the body into errors of ours that name the picture."""
    _ignore_what_is_mended()
    try:
        yield
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(name, str(error), max_pixels) from error
    except Exception as error:  # a decoder meets a damaged file with any exception there is
        raise ImageError(
            f"{name} is damaged or cut short ({error}).", "Save or fetch it again."
        ) from error


def _ignore_what_is_mended() -> None:
    """Put the filter first, and leave it there.

    Filters belong to the whole process. To take this one away after a decode would take it from
    the decodes of other threads.
    """
    if warnings.filters[:1] != [_MENDED]:
        warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def _open(file: IO[bytes], name: str, max_pixels: int) -> ImageFile.ImageFile:
    """Read the header. Pillow's own `open` has one limit on pixels, set for the whole process."""
    prefix = file.read(16)
    file.seek(0)
    for start, decoder in _DECODERS:
        if re.match(start, prefix, re.DOTALL):
            image = decoder(file, name)
            if image.width * image.height > max_pixels:
                raise _too_large(name, f"{image.width}x{image.height}", max_pixels)
            return image
    raise ImageError(f"{name} is not a JPEG, PNG, WebP or TIFF picture.", "Convert it first.")


def _too_large(name: str, size: str, max_pixels: int) -> ImageTooLargeError:
    return ImageTooLargeError(
        f"{name} is too large ({size}); the limit is {max_pixels} pixels.", "Scale it down first."
    )
