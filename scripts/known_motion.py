"""Animations whose motion is known for each pixel: a pan over a photo, a turntable of Blender's."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter

from nijigan.core.errors import ImageError, UsageError
from nijigan.core.images import Picture, read_picture, write_picture

F32 = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

PAN = (0.75, 0.25)
"""Pixels to the right and down from frame to frame. Four frames make whole pixels."""
SAME_DEPTH = 0.02
"""Depths that differ by less are of one surface; more is an edge."""
IN_BLENDER = Path(__file__).parent / "in_blender" / "turntable.py"


@dataclass(frozen=True)
class Animation:
    """Frames, and what became of each pixel between two of them.

    between: takes the numbers of an earlier and a later frame, from 0 on; returns `motion` and
    `visible` as `flicker` takes them.
    """

    name: str
    frames: list[Pixels]
    between: Callable[[int, int], tuple[F32, Mask]]


def read_frames(folder: Path) -> list[Pixels]:
    """Return the pictures of a folder, `(H, W, 3)`, in the order of their names."""
    return [read_picture(path).rgb for path in sorted(folder.glob("*.png"))]


def write_frames(folder: Path, frames: list[Pixels]) -> None:
    """Write pictures that `read_frames` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames, start=1):
        write_picture(folder / f"{number:04}.png", Picture(frame))


def pan(picture: Pixels, size: tuple[int, int], count: int, finer: int) -> Animation:
    """Move a window of width and height `size` over the middle of a picture.

    finer: pixels of the picture to one of a frame. Where it is whole, frames that are whole pixels
    apart are equal where they overlap.

    Raises:
        ImageError: the picture is too small.
    """
    image = Image.fromarray(picture)
    needed = [finer * (side + step * (count - 1)) for side, step in zip(size, PAN, strict=True)]
    start = [(has - needs) // 2 for has, needs in zip(image.size, needed, strict=True)]
    if min(start) < 0:
        raise ImageError(
            f"The picture is {image.width}x{image.height}.",
            f"Give one of at least {ceil(needed[0])}x{ceil(needed[1])}.",
        )

    def window(k: int) -> Pixels:
        left, top = (at + finer * k * step for at, step in zip(start, PAN, strict=True))
        box = (left, top, left + finer * size[0], top + finer * size[1])
        return np.asarray(image.resize(size, Image.Resampling.LANCZOS, box=box))

    def between(before: int, after: int) -> tuple[F32, Mask]:
        moved = np.array([-(after - before) * step for step in PAN], np.float32)
        return np.tile(moved, (size[1], size[0], 1)), np.ones(size[::-1], bool)

    return Animation("pan", [window(k) for k in range(count)], between)


def turntable(blender: Path, size: tuple[int, int], count: int, folder: Path) -> Animation:
    """Render a turntable, or read what an earlier call has rendered into the folder.

    blender: a Python that has bpy.

    Raises:
        UsageError: there is none.
    """
    if not (folder / "views.npz").is_file():
        if not blender.is_file():
            raise UsageError(f"No Blender at {blender}.", "`make .venv/bpy/.installed` brings one.")
        config = {"folder": str(folder), "frames": count, "size": size}
        subprocess.run([str(blender), str(IN_BLENDER), json.dumps(config)], check=True)
    rendered = np.load(folder / "views.npz")
    focal = float(rendered["focal"])
    views = [
        View(depth, camera, focal)
        for depth, camera in zip(rendered["depth"], rendered["cameras"], strict=True)
    ]
    return Animation(
        "turntable",
        read_frames(folder / "source"),
        lambda before, after: motion_between(views[before], views[after]),
    )


@dataclass(frozen=True)
class View:
    """What a camera sees of a scene that stands still.

    depth: `(H, W)`, from the camera's plane to what is at the middle of each pixel, 0 where that is
    the sky. camera: `(4, 4)`, from its axes (right, up, back) to the world's. focal: in pixels.
    """

    depth: F32
    camera: F32
    focal: float


def motion_between(before: View, after: View) -> tuple[F32, Mask]:
    """Return `motion` and `visible` as `flicker` takes them.

    Neither the sky nor what is within a pixel of an edge is visible: such pixels show two things.
    """
    height, width = after.depth.shape
    y, x = np.indices((height, width), np.float32)
    middle = np.array([width - 1, height - 1]) / 2
    across, down = x - middle[0], y - middle[1]
    rays = np.stack([across, -down, np.full_like(x, -after.focal)], axis=-1) / after.focal
    to_before = np.linalg.inv(before.camera) @ after.camera
    places = (rays * after.depth[..., None]) @ to_before[:3, :3].T + to_before[:3, 3]
    depth = np.maximum(-places[..., 2], np.finfo(np.float32).eps)
    earlier_x = middle[0] + before.focal * places[..., 0] / depth
    earlier_y = middle[1] - before.focal * places[..., 1] / depth
    column = np.rint(earlier_x).clip(0, width - 1).astype(int)
    row = np.rint(earlier_y).clip(0, height - 1).astype(int)
    visible = (
        _inside_surface(after.depth)
        & _inside_surface(before.depth)[row, column]
        & (np.abs(before.depth[row, column] / depth - 1) < SAME_DEPTH)
    )
    motion = np.stack([x - earlier_x, y - earlier_y], axis=-1)
    return motion.astype(np.float32), visible


def _inside_surface(depth: F32) -> Mask:
    """Where a pixel and its neighbors show one surface."""
    nearest, farthest = minimum_filter(depth, 3), maximum_filter(depth, 3)
    inside: Mask = (nearest > 0) & (farthest < nearest * (1 + SAME_DEPTH))
    return inside
