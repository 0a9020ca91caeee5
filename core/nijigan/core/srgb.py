"""From any Pillow mode and color profile to sRGB, or a refusal where that would be a guess."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from nijigan.core.errors import ImageError
from nijigan.core.srgb_curve import srgb_from_linear

_SRGB_GAMMA = 0.45455  # what a PNG says that is meant for a screen
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262  # TIFF 6.0, section 8
_SAVE_AS_SRGB = "Save it as 8-bit sRGB first."


def to_srgb(image: Image.Image, name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """Return color `(H, W, 3)` and alpha `(H, W)`, or None where every pixel is opaque.

    16 bits per channel become 8. An embedded ICC profile or a PNG's gamma is applied. `name` is
    what an error calls the picture.

    Raises:
        ImageError: float or unknown ranges, CMYK without a profile, a profile that does not fit.
    """
    color, alpha = _split(image, name)
    profile = image.info.get("icc_profile")
    if profile:
        color = _apply_profile(color, profile, name)
    elif color.mode == "CMYK":
        raise ImageError(f"{name} is CMYK without a color profile.", _SAVE_AS_SRGB)
    else:
        color = _apply_gamma(color.convert("RGB"), image)
    opacity = None if alpha is None else np.asarray(alpha, np.uint8)
    if opacity is not None and opacity.min() == 255:
        opacity = None
    return np.array(color, np.uint8), opacity


def _split(image: Image.Image, name: str) -> tuple[Image.Image, Image.Image | None]:
    """Color in mode L, RGB or CMYK, and alpha in mode L."""
    if image.mode.startswith("I;16"):
        return _split_16_bit_grey(image, name)
    if image.mode in ("I", "F", "LAB", "HSV"):
        raise ImageError(f"{name} has {image.mode} pixels, not 8 or 16 bits.", _SAVE_AS_SRGB)
    grey = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        if image.mode in ("La", "RGBa"):  # premultiplied
            image = image.convert(image.mode.upper())
        image = image.convert("LA" if grey else "RGBA")
        alpha = image.getchannel("A")
        return image.convert("L" if grey else "RGB"), alpha
    if image.mode == "CMYK":
        return image, None
    return image.convert("L" if grey else "RGB"), None


def _split_16_bit_grey(image: Image.Image, name: str) -> tuple[Image.Image, Image.Image | None]:
    tags = getattr(image, "tag_v2", {})
    # Pillow hands over 12 bits unscaled, and white-is-zero unchanged.
    if tags.get(_BITS_PER_SAMPLE, (16,)) != (16,) or tags.get(_PHOTOMETRIC, 1) != 1:
        raise ImageError(f"{name} is a TIFF of 12 bits or with inverted grey.", _SAVE_AS_SRGB)
    values = np.asarray(image, np.uint32)
    grey = Image.fromarray(((values + 128) // 257).astype(np.uint8))
    transparent = image.info.get("transparency")
    if transparent is None:
        return grey, None
    return grey, Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8))


def _apply_profile(color: Image.Image, icc: bytes, name: str) -> Image.Image:
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc))
        space = profile.profile.xcolor_space.strip()
        if space == "RGB" and color.mode == "L":  # a color photo made grey keeps its profile
            color = color.convert("RGB")
        if {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}.get(space) != color.mode:
            raise ImageError(
                f"{name} has {color.mode} pixels and a color profile for {space}.", _SAVE_AS_SRGB
            )
        converted = ImageCms.profileToProfile(
            color,
            profile,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (OSError, ImageCms.PyCMSError) as error:
        raise ImageError(
            f"{name} has a color profile that cannot be used ({error}).", _SAVE_AS_SRGB
        ) from error
    assert converted is not None  # None is returned in place only
    return converted


def _apply_gamma(color: Image.Image, image: Image.Image) -> Image.Image:
    """A PNG may say the exponent that its values were encoded with (PNG, 11.3.2.2 gAMA)."""
    gamma = image.info.get("gamma") or _SRGB_GAMMA
    if "srgb" in image.info or abs(gamma - _SRGB_GAMMA) < 0.01:
        return color
    encoded = srgb_from_linear(np.linspace(0, 1, 256) ** (1 / gamma))
    return color.point(np.rint(255 * encoded).astype(int).tolist() * 3)
