"""Finds the photos below a folder, and reads them to learn from."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import DataError, ImageError
from nijigan.core.images import SUFFIXES, read_picture, read_size


@dataclass(frozen=True)
class NamedPhoto:
    """A photo and the name that its pair has."""

    name: str
    photo: Path


def find_photos(folder: Path) -> list[NamedPhoto]:
    """The photos below a folder, sorted, named after their place in it (`scenes-sky5`).

    Linked folders are entered. What is hidden, `.name`, is no photo: copies and thumbnails that
    systems leave beside them.

    Raises:
        DataError: the folder is missing, has no photos, or two of them would have one name.
    """
    if not folder.is_dir():
        raise DataError(f"'{folder}' is not a folder.", "Name a folder of photos.")
    paths = sorted(path for path in _files(folder) if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise DataError(f"'{folder}' has no photos.", "JPEG, PNG, WebP and TIFF files are taken.")
    named: dict[str, Path] = {}
    for path in paths:
        name = "-".join(path.relative_to(folder).with_suffix("").parts)
        if name in named:
            raise DataError(
                f"'{named[name]}' and '{path}' would both be the pair '{name}'.", "Rename one."
            )
        named[name] = path
    return [NamedPhoto(name, path) for name, path in named.items()]


def refuse_inside(folder: Path, photos: Path) -> None:
    """Refuse a folder that is among photos: what it has would be taken for some of them.

    Raises:
        DataError: it is the same folder or one below.
    """
    if folder.resolve().is_relative_to(photos.resolve()):
        raise DataError(
            f"'{folder}' lies in '{photos}', so its pictures would be taken for photos.",
            "Name a folder beside it.",
        )


def read_photo(path: Path) -> NDArray[np.uint8]:
    """Return a picture to learn from, `(H, W, 3)`; what is transparent in it is white.

    Raises:
        ImageError: it cannot be read, or is of another size than its header says.
    """
    rgb = read_picture(path).on_white()
    width, height = read_size(path)
    if rgb.shape[:2] != (height, width):
        raise ImageError(
            f"{path} lies on its side and says so behind its pixels.", "Save it again, upright."
        )
    return rgb


def _files(folder: Path) -> Iterator[Path]:
    entered = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:  # by a link: one to a folder above would never end
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in files if not name.startswith("."))
