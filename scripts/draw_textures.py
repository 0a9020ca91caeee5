"""Draws style pictures: textures of six kinds, each in five palettes, made by nobody's hand.

    python scripts/draw_textures.py pictures/drawn

They are for trying out arbitrary stylization: with photos beside them in `pictures/photo`,
`nijigan train arbitrary_tiny --data pictures -o runs/arbitrary` learns from them.
"""

import argparse
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy.spatial import cKDTree

from nijigan.core.images import Picture, write_picture

Color = tuple[int, int, int]
SIDE = 320
"""Pixels, of every texture."""
SCALE = 2
"""They are drawn this much larger and then averaged, for smooth edges."""

PALETTES: dict[str, tuple[Color, ...]] = {
    "dusk": ((24, 28, 66), (92, 52, 110), (214, 96, 88), (250, 190, 120)),
    "meadow": ((22, 66, 48), (92, 140, 62), (214, 206, 110), (246, 242, 214)),
    "ink": ((18, 18, 20), (88, 88, 92), (180, 178, 172), (244, 242, 236)),
    "reef": ((6, 60, 92), (20, 150, 160), (240, 110, 90), (252, 236, 206)),
    "carnival": ((190, 26, 44), (250, 200, 30), (30, 90, 180), (250, 250, 246)),
}


def stripes(image: Image.Image, colors: list[Color], rng: np.random.Generator) -> None:
    """Slanted bands of uneven widths."""
    draw = ImageDraw.Draw(image)
    side = SIDE * SCALE
    slant = rng.uniform(0.3, 1.2)
    x = -slant * side
    while x < side:
        width = rng.uniform(12, 40) * SCALE
        band = [(x, side), (x + width, side), (x + width + slant * side, 0), (x + slant * side, 0)]
        draw.polygon(band, fill=colors[rng.integers(len(colors))])
        x += width


def dots(image: Image.Image, colors: list[Color], rng: np.random.Generator) -> None:
    """Dots of two sizes on a hexagonal grid."""
    draw = ImageDraw.Draw(image)
    step = rng.uniform(18, 26) * SCALE
    for row in range(int(SIDE * SCALE / step * 1.2) + 2):
        for column in range(int(SIDE * SCALE / step) + 2):
            x, y = (column + 0.5 * (row % 2)) * step, row * step * 0.87
            radius = step * rng.choice([0.24, 0.42])
            box = (x - radius, y - radius, x + radius, y + radius)
            draw.ellipse(box, fill=colors[1 + rng.integers(len(colors) - 1)])


def strokes(image: Image.Image, colors: list[Color], rng: np.random.Generator) -> None:
    """Short brush strokes that follow a turning field."""
    draw = ImageDraw.Draw(image)
    side = SIDE * SCALE
    phase = rng.uniform(0, 2 * math.pi)
    for _ in range(1500):
        x, y = rng.uniform(-20, side + 20, 2)
        angle = phase + 3 * math.sin(x / side * 3) + 2 * math.cos(y / side * 4)
        length, width = rng.uniform(14, 34) * SCALE, int(rng.uniform(3, 7) * SCALE)
        end = (x + length * math.cos(angle), y + length * math.sin(angle))
        draw.line([(x, y), end], fill=colors[rng.integers(len(colors))], width=width)


def mosaic(image: Image.Image, colors: list[Color], rng: np.random.Generator) -> None:
    """Cells around random seeds, with dark joints."""
    side = SIDE * SCALE
    seeds = rng.uniform(0, side, (420, 2))
    chosen = 1 + rng.integers(len(colors) - 1, size=len(seeds))
    points = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    distances, nearest = map(np.asarray, cKDTree(seeds).query(points, k=2))
    joint = distances[:, 1] - distances[:, 0] < 2.5 * SCALE
    cells = np.array(colors, np.uint8)[np.where(joint, 0, chosen[nearest[:, 0]])]
    image.paste(Image.fromarray(cells.reshape(side, side, 3)))


def waves(image: Image.Image, colors: list[Color], rng: np.random.Generator) -> None:
    """Rows of scallops, each row over the one above it."""
    draw = ImageDraw.Draw(image)
    radius = rng.uniform(16, 26) * SCALE
    for row in range(-1, int(SIDE * SCALE / radius * 2) + 2):
        for column in range(-1, int(SIDE * SCALE / radius / 2) + 2):
            x, y = (2 * column + row % 2) * radius, row * radius / 2
            for ring, share in enumerate((1.0, 0.72, 0.44)):
                r = radius * share
                color = colors[(row + ring) % len(colors)]
                draw.ellipse((x - r, y - r, x + r, y + r), fill=color, outline=colors[0], width=3)


def hatching(image: Image.Image, colors: list[Color], rng: np.random.Generator) -> None:
    """Thin crossing lines, in patches of different directions."""
    draw = ImageDraw.Draw(image)
    side, patch = SIDE * SCALE, 40 * SCALE
    for top in range(0, side, patch):
        for left in range(0, side, patch):
            angle = rng.choice([0, 0.25, 0.5, 0.75]) * math.pi
            color = colors[rng.integers(len(colors) - 1)]
            dx, dy = patch * math.cos(angle), patch * math.sin(angle)
            for offset in np.arange(-1, 1, rng.choice([0.12, 0.2])):
                x = left + patch / 2 - offset * dy - dx / 2
                y = top + patch / 2 + offset * dx - dy / 2
                draw.line([(x, y), (x + dx, y + dy)], fill=color, width=2 * SCALE)


KINDS: dict[str, Callable[[Image.Image, list[Color], np.random.Generator], None]] = {
    function.__name__: function for function in (stripes, dots, strokes, mosaic, waves, hatching)
}


def texture(kind: str, palette: str) -> Picture:
    """Return one texture, the same every time."""
    rng = np.random.default_rng([list(KINDS).index(kind), list(PALETTES).index(palette)])
    colors = list(PALETTES[palette])
    ground = colors[-1] if kind == "hatching" else colors[0]
    image = Image.new("RGB", (SIDE * SCALE, SIDE * SCALE), ground)
    KINDS[kind](image, colors, rng)
    return Picture(np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX)))


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description="Draw style pictures.")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        for palette in PALETTES:
            write_picture(options.out / f"{kind}-{palette}.png", texture(kind, palette))
    print(f"{len(KINDS) * len(PALETTES)} textures in {options.out}")


if __name__ == "__main__":
    main()
