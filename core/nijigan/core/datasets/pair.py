"""One photo and its drawing in a folder of pairs: `photo/` and `drawn/`, matched by name."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.core.datasets.photos import read_photo
from nijigan.core.errors import DataError
from nijigan.core.images import SUFFIXES

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Pair:
    """One photo and its drawing, H×W×3 uint8 of the same size."""

    name: str
    photo: Pixels
    drawn: Pixels


def read_pair(folder: Path, name: str) -> Pair:
    """Return one pair by its file name; the suffix may be left out.

    Raises:
        DataError: one of the two is missing, or their sizes differ.
        ImageError: one of the two cannot be read.
    """
    photo = read_photo(find_picture(folder / "photo", name))
    drawn = read_photo(find_picture(folder / "drawn", name))
    if photo.shape != drawn.shape:
        sizes = " and ".join(f"{p.shape[1]}x{p.shape[0]}" for p in (photo, drawn))
        raise DataError(
            f"Photo and drawing '{name}' differ in size: {sizes}.", "Make the pair again."
        )
    return Pair(name, photo, drawn)


def find_picture(
    folder: Path, name: str, remedy: str = "Make the pairs again or correct split.json."
) -> Path:
    """Return the path of a picture by its file name; the suffix may be left out.

    Raises:
        DataError: there is none; it carries `remedy`.
    """
    path = folder / name
    if path.is_file():
        return path
    for suffix in SUFFIXES:
        if (folder / f"{name}{suffix}").is_file():
            return folder / f"{name}{suffix}"
    raise DataError(f"{path} is missing.", remedy)
