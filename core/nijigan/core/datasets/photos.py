"""Finds the photos below a folder."""

from dataclasses import dataclass
from pathlib import Path

from nijigan.core.errors import DataError
from nijigan.core.images import SUFFIXES


@dataclass(frozen=True)
class NamedPhoto:
    """A photo and the name that its pair has."""

    name: str
    photo: Path


def find_photos(folder: Path) -> list[NamedPhoto]:
    """The photos below a folder, sorted, named after their place in it (`scenes-sky5`).

    Raises:
        DataError: the folder is missing, has no photos, or two of them would have one name.
    """
    if not folder.is_dir():
        raise DataError(f"'{folder}' is not a folder.", "Name a folder of photos.")
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
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
