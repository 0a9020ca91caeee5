"""Draws a picture whose style `nijigan nst` can take: strokes by rule, no painting of anyone's.

    python scripts/draw_painting.py swirls -o swirls.png
    python scripts/draw_painting.py glass -o glass.png

`--seed` draws another one of the same kind.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from nijigan.core.images import Picture, write_picture

SIDE = 640
Points = NDArray[np.float64]

NIGHT = [
    (18, 30, 74), (27, 58, 128), (44, 96, 168), (88, 152, 196), (160, 200, 208),
    (236, 226, 180), (240, 188, 60), (214, 130, 36), (22, 64, 72),
]  # fmt: skip
WINDOW = [
    (150, 24, 40), (206, 70, 40), (232, 168, 52), (38, 92, 60), (24, 60, 120), (92, 150, 190),
    (236, 226, 190), (94, 44, 110),
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("style", choices=STYLES)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    picture = STYLES[arguments.style](np.random.default_rng(arguments.seed))
    write_picture(arguments.out, Picture(np.asarray(picture, np.uint8)))


def draw_swirls(rng: np.random.Generator) -> Image.Image:
    """Thick brush strokes along whirls, broad ones first, each of several bristles."""
    whirls = _whirls(rng)
    picture = Image.new("RGB", (SIDE, SIDE), NIGHT[1])
    brush = ImageDraw.Draw(picture)
    for width, length, count in ((26, 90, 420), (15, 70, 1400), (9, 46, 2600)):
        for _ in range(count):
            start = rng.uniform(-20, SIDE + 20, 2)
            path = _follow(whirls, start, length)
            color = _tone(rng, whirls, start)
            _stroke(brush, rng, path, width, color)
    return picture.filter(ImageFilter.GaussianBlur(0.7))


def draw_glass(rng: np.random.Generator) -> Image.Image:
    """Panes of one color each, lighter in the middle, between dark leads."""
    seeds = _scatter(rng, 13)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    places = np.stack([rows, columns], axis=-1).reshape(-1, 2).astype(np.float64)
    distance = np.sqrt(((places[:, None] - seeds[None]) ** 2).sum(-1))
    nearest = np.argsort(distance, axis=1)[:, :2]
    first, second = np.take_along_axis(distance, nearest, 1).T
    pane = rng.choice(len(WINDOW), len(seeds))[nearest[:, 0]]
    grain = rng.normal(0, 1, (SIDE // 8, SIDE // 8))
    cloud = np.asarray(Image.fromarray(grain).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    light = 1.15 - 0.012 * first + 0.06 * cloud.ravel()
    color = np.array(WINDOW, np.float64)[pane] * light[:, None]
    lead = np.clip((second - first - 5) / 3, 0, 1)[:, None]
    levels = (color * lead + np.array([20.0, 18, 22]) * (1 - lead)).clip(0, 255)
    return Image.fromarray(levels.reshape(SIDE, SIDE, 3).astype(np.uint8))


STYLES = {"swirls": draw_swirls, "glass": draw_glass}


def _scatter(rng: np.random.Generator, per_side: int) -> Points:
    """Places that are spread evenly, but on no grid, `(per_side², 2)`."""
    grid = np.stack(np.meshgrid(*[np.arange(per_side)] * 2), axis=-1).reshape(-1, 2)
    return (grid + rng.uniform(0.05, 0.95, grid.shape)) * SIDE / per_side


def _whirls(rng: np.random.Generator) -> Points:
    """Centers, radii and senses of rotation, `(whirls, 4)`."""
    centers = _scatter(rng, 4)
    radii = rng.uniform(45, 105, (len(centers), 1))
    senses = rng.choice([-1.0, 1.0], (len(centers), 1))
    return np.hstack([centers, radii, senses])


def _direction(whirls: Points, place: Points) -> Points:
    """The way of the stroke at a place: around the whirls, and to the right far from them."""
    offset = place - whirls[:, :2]
    pull = np.exp(-(offset**2).sum(1) / whirls[:, 2] ** 2) * whirls[:, 3]
    across = np.stack([-offset[:, 1], offset[:, 0]], axis=1) / whirls[:, 2:3]
    way = (across * pull[:, None]).sum(0) * 3 + np.array([0.6, 0.15 * np.sin(place[0] / 60)])
    unit: Points = way / (np.hypot(*way) + 1e-9)
    return unit


def _follow(whirls: Points, start: Points, length: float) -> Points:
    """A path of `length` pixels along the whirls, `(points, 2)`."""
    places = [start]
    for _ in range(int(length / 5)):
        places.append(places[-1] + 5 * _direction(whirls, places[-1]))
    return np.array(places)


def _tone(rng: np.random.Generator, whirls: Points, place: Points) -> Points:
    """A color: warm and light in the hearts of the whirls, dark and blue between them."""
    reach = (np.hypot(*(place - whirls[:, :2]).T) / whirls[:, 2]).min()
    rings = 5.6 - 4.2 * reach + 1.4 * np.sin(9 * reach) + rng.normal(0, 0.9)
    return np.array(NIGHT[int(np.clip(rings, 0, 7))], np.float64)


def _stroke(
    brush: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    path: Points,
    width: int,
    color: Points,
) -> None:
    """Draw a path as parallel bristles, each of its own shade."""
    step = np.gradient(path, axis=0)
    aside = np.stack([-step[:, 1], step[:, 0]], axis=1)
    aside /= np.hypot(*aside.T)[:, None] + 1e-9
    bristles = max(3, width // 3)
    for offset in np.linspace(-0.5, 0.5, bristles):
        shade = (color * rng.normal(1, 0.11) + rng.normal(0, 6, 3)).clip(0, 255)
        line = path + aside * offset * width
        line = line[rng.integers(0, 3) : len(line) - rng.integers(0, 3)]
        fill = (int(shade[0]), int(shade[1]), int(shade[2]))
        thickness = round(width / bristles * 1.5)
        brush.line([tuple(point) for point in line], fill, thickness, joint="curve")


if __name__ == "__main__":
    main()
