"""Pictures as the page takes, shows and gives them."""

from pathlib import Path

from nijigan.core.errors import ImageError
from nijigan.core.images import Picture, encode_picture, read_picture, read_size, resize
from nijigan.studio.uploads import Upload

_SHOWN_SIDE = 1600
# Where a file of ISO's container says what it is: HEIC and AVIF, of cameras of phones.
_BRAND = slice(4, 12)
_BRANDS = {b"ftyphei": "HEIC", b"ftyphev": "HEIC", b"ftypmif": "HEIC", b"ftypavi": "AVIF"}


def read_upload(upload: Upload) -> Picture:
    """Return a picture that was chosen: upright, in sRGB, with 8 bits.

    Raises:
        ImageError, ImageTooLargeError: it is none, is damaged or too large.
    """
    _refuse_phone_formats(upload)
    try:
        return read_picture(upload.path)
    except ImageError as error:
        raise _named(error, upload) from error


def check_upload(upload: Upload) -> tuple[int, int]:
    """Return width and height of a picture that was chosen, by its header.

    Raises:
        ImageError, ImageTooLargeError: the header shows that `read_upload` will fail.
    """
    _refuse_phone_formats(upload)
    try:
        return read_size(upload.path)
    except ImageError as error:
        raise _named(error, upload) from error


def shown(picture: Picture) -> bytes:
    """Return a WebP file for the screen, reduced where the picture is larger than one."""
    longest = max(picture.width, picture.height)
    if longest > _SHOWN_SIDE:
        factor = _SHOWN_SIDE / longest
        size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
        alpha = None if picture.alpha is None else resize(picture.alpha, *size)
        picture = Picture(resize(picture.rgb, *size), alpha)
    return encode_picture(picture, ".webp")


def _refuse_phone_formats(upload: Upload) -> None:
    with upload.path.open("rb") as file:
        brand = file.read(16)[_BRAND]
    for start, name in _BRANDS.items():
        if brand.startswith(start):
            raise ImageError(
                f"{upload.name} is a {name} picture, which nijigan does not read.",
                "Export it as JPEG; phones can take JPEG (iPhone: Settings, Camera, Formats, "
                "Most Compatible).",
            )


def _named(error: ImageError, upload: Upload) -> ImageError:
    """Call the file what the user calls it, not what it is called in the private folder."""
    message = error.message.replace(str(upload.path), upload.name)
    return type(error)(message, error.remedy)


def drawn_name(upload: Upload, *parts: str, suffix: str) -> str:
    """Return the name of a drawing of an upload: `photo-cel-0.5.png`."""
    return "-".join((Path(upload.name).stem, *parts)) + suffix
