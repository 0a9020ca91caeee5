"""What the generator does to pictures that it does not train on: grids to look at, and figures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nijigan.core.config import TrainConfig
from nijigan.core.data import NamedPicture, UnpairedPictures
from nijigan.core.data.source import stack
from nijigan.core.datasets.pair import Pair, Pixels
from nijigan.core.images import Picture, from_tensor, write_picture
from nijigan.core.models import Generator
from nijigan.core.spread import spread
from nijigan.core.training.machine import place_pictures

STRENGTHS = (0.0, 0.5, 1.0)


def center_cut(pixels: Pixels, side: int, multiple: int = 1) -> Pixels:
    """Return the middle of `(H, W, 3)`: sides at most `side` and multiples of `multiple`."""
    height, width = (min(length, side) // multiple * multiple for length in pixels.shape[:2])
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]


def psnr(output: Tensor, target: Tensor) -> float:
    """Return the peak signal-to-noise ratio in dB of pictures in [-1, 1]; infinite where equal."""
    mean_square = (output - target).square().mean()
    return float(10 * torch.log10(4 / mean_square))


@torch.no_grad()
def write_pair_grid(
    generator: Generator, pairs: Sequence[Pair], path: Path, config: TrainConfig
) -> None:
    """Write a PNG with one row per pair: photo, output at strength 0, 0.5 and 1, drawing."""
    rows = []
    side = min(min(pair.photo.shape[:2]) for pair in pairs)
    for pair in pairs:
        photo, drawn = (
            center_cut(p, min(config.sample_side, side)) for p in (pair.photo, pair.drawn)
        )
        image = place_pictures(stack([photo]), config)
        outputs = [from_tensor(generator.draw(image, s).cpu().numpy()) for s in STRENGTHS]
        rows.append([photo, *outputs, drawn])
    write_rows(rows, path)


def write_rows(rows: Sequence[Sequence[Pixels]], path: Path) -> None:
    """Write a PNG of pictures side by side, one row below the other; all have one size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    grid = np.concatenate([np.concatenate(row, axis=1) for row in rows])
    write_picture(path, Picture(grid))


@torch.no_grad()
def write_unpaired_grid(
    generator: Generator,
    photos: Sequence[NamedPicture],
    drawings: Sequence[NamedPicture],
    path: Path,
    config: TrainConfig,
) -> None:
    """Write a PNG with one row per photo: photo, output at strength 0, 0.5 and 1, some drawing."""
    named = [*photos, *drawings]
    side = min(config.sample_side, *(min(picture.pixels.shape[:2]) for picture in named))
    rows = []
    for index, picture in enumerate(photos):
        photo = center_cut(picture.pixels, side)
        image = place_pictures(stack([photo]), config)
        outputs = [from_tensor(generator.draw(image, s).cpu().numpy()) for s in STRENGTHS]
        drawn = center_cut(drawings[index % len(drawings)].pixels, side)
        rows.append([photo, *outputs, drawn])
    write_rows(rows, path)


@torch.no_grad()
def write_cycle_grid(
    there: Generator,
    back: Generator,
    photos: Sequence[NamedPicture],
    drawings: Sequence[NamedPicture],
    path: Path,
    config: TrainConfig,
) -> None:
    """Write a PNG with one row per photo, for a generator and the one that leads back.

    Photo, output at strength 0, 0.5 and 1, the last one back again; some drawing, and its photo.
    """
    side = min(config.sample_side, *(min(p.pixels.shape[:2]) for p in (*photos, *drawings)))
    rows = []
    for index, picture in enumerate(photos):
        photo, drawn = (
            center_cut(p.pixels, side) for p in (picture, drawings[index % len(drawings)])
        )
        image, drawing = (place_pictures(stack([p]), config) for p in (photo, drawn))
        outputs = [there.draw(image, s) for s in STRENGTHS]
        made = [*outputs, back.draw(outputs[-1]), back.draw(drawing)]
        *first, photo_again, photo_of_drawn = (from_tensor(m.cpu().numpy()) for m in made)
        rows.append([photo, *first, photo_again, drawn, photo_of_drawn])
    write_rows(rows, path)


@torch.no_grad()
def validate_unpaired(
    generator: Generator, pictures: UnpairedPictures, config: TrainConfig
) -> dict[str, float]:
    """Return means over whole held-out photos.

    `change` is the mean absolute difference to the photo at strength 1, of values in [-1, 1], and
    `psnr_zero` the PSNR to it in dB at strength 0. Where the drawing of a photo is known, under the
    same name and of its size, it is measured though not trained on: `psnr` and `psnr_photo`, as
    `validate_pairs` has them.
    """
    known = {picture.name: picture for picture in pictures.drawn.shown}
    figures: dict[str, list[float]] = {}
    for picture in spread(pictures.photo.shown, config.val_count):
        photo = place_pictures(stack([picture.pixels]), config)
        output = generator.draw(photo, 1.0)
        found = {
            "change": float((output - photo).abs().mean()),
            "psnr_zero": psnr(generator.draw(photo, 0.0), photo),
        }
        truth = known.get(picture.name)
        if truth is not None and truth.pixels.shape == picture.pixels.shape:
            drawn = place_pictures(stack([truth.pixels]), config)
            found |= {"psnr": psnr(output, drawn), "psnr_photo": psnr(photo, drawn)}
        for name, value in found.items():
            figures.setdefault(name, []).append(value)
    return {name: float(np.mean(values)) for name, values in figures.items()}


@torch.no_grad()
def validate_pairs(
    generator: Generator, pairs: Sequence[Pair], config: TrainConfig
) -> dict[str, float]:
    """Return mean PSNRs in dB over whole pictures.

    `psnr` is at strength 1 to the drawing, `psnr_photo` is the photo itself to the drawing (what
    doing nothing gets), `psnr_zero` is at strength 0 to the photo.
    """
    figures: dict[str, list[float]] = {"psnr": [], "psnr_photo": [], "psnr_zero": []}
    for pair in pairs:
        photo, drawn = (place_pictures(stack([p]), config) for p in (pair.photo, pair.drawn))
        figures["psnr"].append(psnr(generator.draw(photo, 1.0), drawn))
        figures["psnr_photo"].append(psnr(photo, drawn))
        figures["psnr_zero"].append(psnr(generator.draw(photo, 0.0), photo))
    return {name: float(np.mean(values)) for name, values in figures.items()}
