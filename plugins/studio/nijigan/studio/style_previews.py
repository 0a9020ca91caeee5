"""The pictures on the cards that styles are chosen by."""

from base64 import b64encode
from collections.abc import Mapping

from nijigan.core.errors import ImageError
from nijigan.core.images import Picture, decode_picture, encode_picture, resize

_SIDE = 320


def style_previews(previews: Mapping[str, bytes]) -> str:
    """Return rules that put each style's preview, a PNG file, on its card."""
    rules = []
    for name, data in previews.items():
        if not data or not name.replace("_", "").isalnum():
            continue
        try:
            picture = decode_picture(data, f"The preview of {name}")
        except ImageError:  # a card without a picture can be chosen too
            continue
        height = round(picture.height * _SIDE / picture.width)
        small = Picture(resize(picture.rgb, _SIDE, height))
        url = b64encode(encode_picture(small, ".webp")).decode()
        rules.append(
            f'.style-cards label:has(input[value="{name}"]) '
            f'{{ background-image: url("data:image/webp;base64,{url}") }}'
        )
    return f"<style>{' '.join(rules)}</style>"
