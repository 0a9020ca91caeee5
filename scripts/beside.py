"""Puts pictures side by side, at one height, into a small JPEG: `beside.py A B -o out.jpg`."""

import argparse
from pathlib import Path

from PIL import Image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--height", type=int, default=256)
    parser.add_argument("--quality", type=int, default=85)
    options = parser.parse_args()
    scaled = [_at_height(path, options.height) for path in options.pictures]
    strip = Image.new("RGB", (sum(each.width for each in scaled), options.height))
    left = 0
    for each in scaled:
        strip.paste(each, (left, 0))
        left += each.width
    strip.save(options.out, quality=options.quality)


def _at_height(path: Path, height: int) -> Image.Image:
    with Image.open(path) as picture:
        size = (round(picture.width * height / picture.height), height)
        return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
