"""Measures how well styles keep edges where color alone changes: polygons of equal lightness.

    python scripts/measure_color_edges.py cel daylight

Renders are full of such edges, and photos have no sharp ones. Prints the root mean square of the
difference in Oklab's a and b between drawing and picture: for each style, at strengths 0 and 1, and
for its teacher, who makes colors stronger and bleeds nothing. Needs the extra `train`.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from nijigan.core import teachers
from nijigan.core.drawers import open_drawer
from nijigan.core.images import Picture, write_picture
from nijigan.core.print_table import print_table
from nijigan.core.teachers.color import oklab_from_srgb, srgb_from_oklab
from nijigan.export.styles import find_style
from nijigan.server.stylizer import Settings, Stylizer

Pixels = NDArray[np.uint8]

SIDE = 512
"""Pixels: what styles are drawn at."""
FINER = 3
"""Drawn so many times larger and reduced, so that edges are smooth, as renderers make them."""
POLYGONS, CORNERS = 14, 5
LIGHTNESS = 0.68
CHROMA = (0.08, 0.14)


def polygons(seed: int = 1) -> Pixels:
    """Return a picture, `(512, 512, 3)`, of polygons in colors of one lightness."""
    rng = np.random.default_rng(seed)
    side = FINER * SIDE
    large = Image.new("RGB", (side, side), _color(rng))
    draw = ImageDraw.Draw(large)
    for _ in range(POLYGONS):
        center = rng.uniform(0, side, 2)
        angles = np.sort(rng.uniform(0, 2 * np.pi, CORNERS))
        lengths = rng.uniform(0.1 * side, 0.33 * side, CORNERS)
        corners = center + lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        draw.polygon([(float(x), float(y)) for x, y in corners], fill=_color(rng))
    return np.asarray(large.resize((SIDE, SIDE), Image.Resampling.BOX))


def _color(rng: np.random.Generator) -> tuple[int, ...]:
    hue, chroma = rng.uniform(0, 2 * np.pi), rng.uniform(*CHROMA)
    lab = np.array([[[LIGHTNESS, chroma * np.cos(hue), chroma * np.sin(hue)]]], np.float32)
    return tuple(int(value) for value in np.rint(255 * srgb_from_oklab(lab)[0, 0]))


def color_difference(drawn: Pixels, picture: Pixels) -> float:
    """Return the root mean square of the distance in Oklab's a and b."""
    a, b = (oklab_from_srgb(np.divide(x, 255, dtype=np.float32))[..., 1:] for x in (drawn, picture))
    return float(np.sqrt(((a - b) ** 2).sum(axis=2).mean()))


def _taught(name: str, picture: Pixels) -> str:
    if name not in teachers.available():
        return ""
    return f"{color_difference(open_drawer(f'teacher:{name}').draw(picture), picture):.4f}"


def main() -> None:
    """Run it."""
    from rich.table import Table

    parser = argparse.ArgumentParser(description="Measure how well styles keep edges of color.")
    parser.add_argument("styles", nargs="+", metavar="STYLE", help="a name or a folder")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep what is drawn")
    options = parser.parse_args()
    picture = polygons()
    table = Table("style", "strength 0", "strength 1", "teacher", box=None, pad_edge=False)
    for source in options.styles:
        library, name = find_style(source)
        stylizer, version = Stylizer(library), library.get(name).version
        found = []
        for strength in (0.0, 1.0):
            drawn = stylizer.stylize(Picture(picture), Settings(name, strength))
            found.append(f"{color_difference(drawn.rgb, picture):.4f}")
            if options.save:
                path = options.save / f"{name}-{version}-{strength:.0f}.png"
                write_picture(path, Picture(drawn.rgb))
        table.add_row(f"{name} {version}", *found, _taught(name, picture))
    print_table(table)


if __name__ == "__main__":
    main()
