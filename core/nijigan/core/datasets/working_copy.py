"""Photos at the scales that a style draws at."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.datasets.photos import NamedPhoto, read_photo
from nijigan.core.errors import DataError
from nijigan.core.images import Picture, read_size, resize


@dataclass(frozen=True)
class Scales:
    """Which sizes photos are brought to."""

    short_sides: tuple[int, ...] = (512,)
    """Pixels: the style's working scale, and others that it is to draw at. A photo is taken at each
    that makes it another size."""
    max_enlargement: float = 1.5
    """Small photos are enlarged by this much at most, and stay smaller than the short side."""
    min_side: int = 0
    """Copies that stay smaller than this are left out: a crop of it could not be cut from them."""


@dataclass(frozen=True)
class WorkingCopy:
    """A photo at one scale."""

    name: str
    """The photo's, at further scales with the short side: `sky5-360px`."""
    photo: Path
    size: tuple[int, int]
    """Width and height, in pixels."""

    def read(self) -> Picture:
        """Return the photo at that size.

        Raises:
            ImageError: as `read_photo`.
        """
        return Picture(resize(read_photo(self.photo), *self.size))


def working_copies(photos: Sequence[NamedPhoto], scales: Scales) -> list[WorkingCopy]:
    """Return the copies of all photos.

    Raises:
        ImageError: the header of a photo cannot be read.
        DataError: all of them stay too small, or two copies would have one name.
    """
    copies = [copy for photo in photos for copy in _copies(photo, scales)]
    if not copies:
        raise DataError(
            f"None of the {len(photos)} photos has {scales.min_side} pixels at its short side"
            f" when it is enlarged {scales.max_enlargement} times.",
            "Give larger ones.",
        )
    check_names(copy.name for copy in copies)
    return copies


def check_names(names: Iterable[str]) -> None:
    """Refuse names that are files of one folder, where two are equal.

    Raises:
        DataError: two are.
    """
    (name, times), *_ = Counter(names).most_common(1)
    if times > 1:
        raise DataError(f"Two pictures would both be named '{name}'.", "Rename the photo.")


def _copies(photo: NamedPhoto, scales: Scales) -> list[WorkingCopy]:
    width, height = read_size(photo.photo)
    found: dict[tuple[int, int], WorkingCopy] = {}
    for short_side in scales.short_sides:
        scale = min(short_side / min(width, height), scales.max_enlargement)
        size = round(width * scale), round(height * scale)
        name = f"{photo.name}-{short_side}px" if found else photo.name
        if min(size) >= scales.min_side and size not in found:
            found[size] = WorkingCopy(name, photo.photo, size)
    return list(found.values())
