"""Makes the pictures of docs/styles.md.

    python scripts/gallery.py PHOTO... --out docs/images/gallery --peer peers/1 --peer peers/14

Of each photo a sheet: the photo and all drawings of it. Of the first photo, for each style,
strips of strengths and of qualities; and the style beside its teacher and the peers, whose drawings
have the photo's name. Needs the extra `train`, for the teachers.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.core import teachers
from nijigan.core.images import Picture, read_picture, resize, size_at_short_side, write_picture
from nijigan.export.style import QUALITIES
from nijigan.export.styles import StyleLibrary, default_folders
from nijigan.server.stylizer import Settings, Stylizer

Pixels = NDArray[np.uint8]

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
CELL = 960
"""Pixels: the width of a sheet's cells at most."""
DETAIL = 320
"""Pixels: the side of what a strip of qualities shows."""
TAUGHT = 512
"""Pixels: the short side that teachers draw at."""
GAP = 8


def row(pictures: Sequence[Pixels], axis: int = 1) -> Pixels:
    """Return pictures of one size side by side, or below each other, with white between."""
    shape = list(pictures[0].shape)
    shape[axis] = GAP
    white = np.full(shape, 255, np.uint8)
    parts = [part for picture in pictures for part in (white, picture)][1:]
    return np.concatenate(parts, axis=axis)


def sheet(stylizer: Stylizer, photo: Picture, styles: Sequence[str]) -> Pixels:
    """Return a photo and its drawings, two in a row."""
    drawn = [stylizer.stylize(photo, Settings(style)).rgb for style in styles]
    cells = [_at_most(picture, CELL) for picture in (photo.rgb, *drawn)]
    if len(cells) % 2:
        cells.append(np.full_like(cells[0], 255))
    return row([row(cells[i : i + 2]) for i in range(0, len(cells), 2)], axis=0)


def strengths(stylizer: Stylizer, photo: Picture, style: str) -> Pixels:
    """Return the middle of a photo at five strengths."""
    drawn = [stylizer.stylize(photo, Settings(style, strength)).rgb for strength in STRENGTHS]
    side = min(photo.height, photo.width // 2)
    return row([_middle(picture, side // 2, side) for picture in drawn])


def qualities(stylizer: Stylizer, photo: Picture, style: str) -> Pixels:
    """Return a detail of a photo, and of its drawings in every quality, pixel by pixel."""
    drawn = [stylizer.stylize(photo, Settings(style, quality=name)).rgb for name in QUALITIES]
    return row([_middle(picture, DETAIL, DETAIL) for picture in (photo.rgb, *drawn)])


def beside(stylizer: Stylizer, photo: Picture, style: str, peers: Sequence[Path]) -> Pixels:
    """Return photo, teacher's drawing, style's, and peers', at the scale of the teacher."""
    width, height = size_at_short_side(photo.width, photo.height, TAUGHT)
    small = resize(photo.rgb, width, height)
    taught = teachers.create(style)(np.divide(small, 255, dtype=np.float32))
    drawn = stylizer.stylize(Picture(small), Settings(style, scale="native")).rgb
    others = [resize(read_picture(path).rgb, width, height) for path in peers]
    return row([small, np.rint(taught * 255).astype(np.uint8), drawn, *others])


def _at_most(picture: Pixels, width: int) -> Pixels:
    if picture.shape[1] <= width:
        return picture
    return resize(picture, width, round(picture.shape[0] * width / picture.shape[1]))


def _middle(picture: Pixels, width: int, height: int) -> Pixels:
    top, left = max(0, picture.shape[0] - height) // 2, max(0, picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width]


def _drawn_by(peer: Path, photo: Path) -> Path:
    drawings = list(peer.glob(f"{photo.stem}.*"))
    if not drawings:
        sys.exit(f"{peer} has no drawing of {photo.name}. Let the peer draw it there.")
    return drawings[0]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description="Make the pictures of docs/styles.md.")
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--peer", type=Path, action="append", default=[], metavar="FOLDER")
    options = parser.parse_args()
    peers = [_drawn_by(folder, options.photos[0]) for folder in options.peer]

    library = StyleLibrary(default_folders())
    stylizer = Stylizer(library)
    styles = [name for name in library.names() if name in teachers.available()]
    pictures: dict[str, Pixels] = {}
    for path in options.photos:
        pictures[path.stem] = sheet(stylizer, read_picture(path), styles)
    first = read_picture(options.photos[0])
    for style in styles:
        pictures[f"{style}-strength"] = strengths(stylizer, first, style)
        pictures[f"{style}-quality"] = qualities(stylizer, first, style)
        pictures[f"{style}-beside"] = beside(stylizer, first, style, peers)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        write_picture(options.out / f"{name}.jpg", Picture(picture))
        print(options.out / f"{name}.jpg")


if __name__ == "__main__":
    main()
