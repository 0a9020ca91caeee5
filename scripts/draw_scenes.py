"""Draws scenes to learn from: each as a photo would show it, and as a cartoonist would draw it.

    python scripts/draw_scenes.py -o scenes

    scenes/pairs/photo, drawn        one scene under one name in both; split.json
    scenes/unpaired/photo, drawn     no scene in both, but for those that are held out
    scenes/pictures/                 photos alone

A photo has shading across every shape, grain, and edges without lines. The drawing of it has two
flat tones a shape, stronger colors and dark outlines. No curve of colors turns one into the other:
which tone a pixel gets and where lines are depends on its surroundings. Everything follows from
the seed. The pictures are in the public domain (CC0-1.0).
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

F64 = NDArray[np.float64]

SIDE = 96
_FINE = 2  # drawn at twice the size, so that edges are smooth
_LINE = 1.6  # width of the outlines in pixels
_SKIES = ((0.55, 0.72, 0.86), (0.88, 0.74, 0.60), (0.62, 0.78, 0.66), (0.74, 0.68, 0.84))
_SHAPES = (
    (0.80, 0.36, 0.32),
    (0.34, 0.46, 0.76),
    (0.86, 0.70, 0.34),
    (0.36, 0.64, 0.44),
    (0.60, 0.40, 0.66),
    (0.76, 0.58, 0.46),
)


@dataclass(frozen=True)
class Scene:
    """The two views of one scene, `(SIDE, SIDE, 3)` in [0, 1]."""

    photo: F64
    drawn: F64


def draw_scene(rng: np.random.Generator) -> Scene:
    """Return a scene: three to six shapes before a sky, each lit from one side."""
    size = SIDE * _FINE
    y, x = np.mgrid[0:size, 0:size] / size
    label = np.zeros((size, size), int)
    colors = [np.array(_SKIES[rng.integers(len(_SKIES))])]
    light = [0.82 + 0.25 * (1 - y)]  # a sky has one tone
    for number in range(1, int(rng.integers(4, 7))):
        inside, lit = _shape(x, y, rng)
        label[inside] = number
        colors.append(np.array(_SHAPES[rng.integers(len(_SHAPES))]) * rng.uniform(0.85, 1.1))
        light.append(lit)
    shade = np.choose(label, light)
    base = np.stack(colors)[label]
    grain = ndimage.gaussian_filter(rng.normal(size=(size, size)), 1.2) * 0.12
    photo = base * (shade + grain)[..., None]
    tone = np.where(shade > 0.8, 1.0, 0.68)
    gray = base.mean(axis=2, keepdims=True)
    drawn = (gray + 1.5 * (base - gray)) * tone[..., None]
    drawn = drawn * (1 - _outlines(label))[..., None]
    return Scene(_reduced(photo), _reduced(drawn))


def _shape(x: F64, y: F64, rng: np.random.Generator) -> tuple[NDArray[np.bool_], F64]:
    """Return where a shape is, an ellipse or a box, and how much light falls on it."""
    cx, cy = rng.uniform(0.1, 0.9, 2)
    width, height = rng.uniform(0.12, 0.34, 2)
    angle = rng.uniform(0, np.pi)
    u = ((x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)) / width
    v = ((y - cy) * np.cos(angle) - (x - cx) * np.sin(angle)) / height
    inside = u**2 + v**2 < 1 if rng.random() < 0.6 else np.maximum(abs(u), abs(v)) < 0.8
    return inside, (0.8 - 0.3 * (0.7 * (x - cx) / width + 0.7 * (y - cy) / height)).clip(0.45, 1.2)


def _outlines(label: NDArray[np.int_]) -> F64:
    """Return how dark the line is, 0…1, around every shape."""
    inner = ndimage.minimum_filter(label, 3) == ndimage.maximum_filter(label, 3)
    distance = ndimage.distance_transform_edt(inner)
    dark: F64 = 0.9 * (_LINE * _FINE / 2 + 0.5 - distance).clip(0, 1)
    return dark


def _reduced(picture: F64) -> F64:
    blocks = picture.clip(0, 1).reshape(SIDE, _FINE, SIDE, _FINE, 3)
    reduced: F64 = blocks.mean(axis=(1, 3))
    return reduced


def draw_set(out: Path, count: int, held_out: int, seed: int) -> None:
    """Write the three folders.

    Args:
        out: where; what is there is written over.
        count: scenes to train on: as many pairs, and as many unpaired pictures of each kind.
        held_out: scenes that are not, the same ones in each folder.
        seed: decides everything.
    """
    names = [f"scene{number:04d}" for number in range(held_out + 3 * count)]
    val, pairs = names[:held_out], names[held_out : held_out + count]
    photos, drawings = names[held_out + count :: 2], names[held_out + count + 1 :: 2]
    for number, name in enumerate(names):
        scene = draw_scene(np.random.default_rng((seed, number)))
        if name not in drawings:
            _save(scene.photo, out / ("unpaired" if name in photos else "pairs") / "photo" / name)
        if name not in photos:
            _save(scene.drawn, out / ("unpaired" if name in drawings else "pairs") / "drawn" / name)
        if name in val:
            _save(scene.photo, out / "unpaired" / "photo" / name)
            _save(scene.drawn, out / "unpaired" / "drawn" / name)
        if name in val or name in pairs:
            _save(scene.photo, out / "pictures" / name)
    _write_split(out / "pairs", pairs, val)
    kinds = [f"photo/{name}" for name in photos] + [f"drawn/{name}" for name in drawings]
    _write_split(out / "unpaired", kinds, val)


def _save(picture: F64, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.rint(picture * 255).astype(np.uint8)
    Image.fromarray(pixels).save(place.with_suffix(".png"))


def _write_split(folder: Path, train: list[str], val: list[str]) -> None:
    text = json.dumps({"train": train, "val": val}, indent=1) + "\n"
    (folder / "split.json").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200, help="scenes to train on")
    parser.add_argument("--held-out", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw_set(options.out, options.count, options.held_out, options.seed)


if __name__ == "__main__":
    main()
