"""Pictures of shapes before a ground, smoothly lit, as simple renders show them.

Photos have few sharp edges of color where nothing changes in lightness; renders and drawings have
many, and a network that has seen none leaves them out. Everything follows from the number.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nijigan.core.images import Picture
from nijigan.core.teachers.color import srgb_from_oklab

F32 = NDArray[np.float32]

WIDTH, HEIGHT = 512, 360
_FINE = 2  # drawn at twice the size, so that edges are smooth
_ALIKE = 0.7  # of the shapes, as light as what they are before
_COLORFUL = (0.05, 0.16)  # distance from gray, in Oklab


@dataclass(frozen=True)
class ShapesPicture:
    """One of them, to be drawn as photos are."""

    number: int

    @property
    def name(self) -> str:
        """What its pair is called."""
        return f"shapes-{self.number:04}"

    def read(self) -> Picture:
        """Return the picture."""
        return Picture(shapes(self.number))


def shapes(number: int) -> NDArray[np.uint8]:
    """Return `(HEIGHT, WIDTH, 3)`: four to nine shapes, most of them as light as the ground."""
    rng = np.random.default_rng(number)
    y, x = np.mgrid[: HEIGHT * _FINE, : WIDTH * _FINE].astype(np.float32) / (HEIGHT * _FINE)
    ground = float(rng.uniform(0.35, 0.9))
    lab = np.empty((*x.shape, 3), np.float32)
    lab[:] = _color(rng, ground)
    lab[..., 0] += 0.1 * (y - 0.5) * rng.uniform(-1, 1)
    for _ in range(int(rng.integers(4, 10))):
        inside, lit = _shape(x, y, rng)
        alike = rng.random() < _ALIKE
        color = _color(rng, ground + rng.uniform(-0.03, 0.03) if alike else rng.uniform(0.2, 0.95))
        depth = rng.uniform(0, 0.05 if alike else 0.3)
        lab[inside] = color
        lab[inside, 0] += depth * lit[inside]
    coarse = lab.reshape(HEIGHT, _FINE, WIDTH, _FINE, 3).mean(axis=(1, 3))
    levels: NDArray[np.uint8] = np.rint(srgb_from_oklab(coarse).clip(0, 1) * 255).astype(np.uint8)
    return levels


def _color(rng: np.random.Generator, lightness: float) -> F32:
    hue, chroma = rng.uniform(0, 2 * np.pi), rng.uniform(*_COLORFUL)
    return np.array([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], np.float32)


def _shape(x: F32, y: F32, rng: np.random.Generator) -> tuple[NDArray[np.bool_], F32]:
    """Return where a superellipse is, from a lozenge to a box, and its light, -1…1."""
    angle = rng.uniform(0, np.pi)
    dx, dy = x - rng.uniform(0, WIDTH / HEIGHT), y - rng.uniform(0, 1)
    across, along = rng.uniform(0.06, 0.3, 2)
    u = (dx * np.cos(angle) + dy * np.sin(angle)) / across
    v = (dy * np.cos(angle) - dx * np.sin(angle)) / along
    power = rng.choice([1, 2, 2, 2, 8])
    return np.abs(u) ** power + np.abs(v) ** power < 1, -0.6 * v - 0.4 * u
