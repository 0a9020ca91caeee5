"""Drawings that are there already, as a source to measure beside what draws."""

from collections.abc import Callable
from pathlib import Path

from nijigan.core.datasets.pair import find_picture
from nijigan.core.drawers import Drawer, Pixels, open_drawer
from nijigan.core.errors import DataError, UsageError
from nijigan.core.evaluation.held_out import Sample
from nijigan.core.images import read_picture

DrawSample = Callable[[Sample], Pixels]
"""Returns the drawing of a held-out photo, of its shape."""


class DrawnFolder:
    """A folder of drawings that have the names of their photos."""

    def __init__(self, folder: Path) -> None:
        self.name = "/".join(folder.resolve().parts[-2:])
        """With its parent's: folders of drawings are often called alike."""
        self._folder = folder

    def read(self, sample: Sample) -> Pixels:
        """Return the drawing of a photo.

        Raises:
            DataError: it is missing or of another size.
            ImageError: it cannot be read.
        """
        remedy = "Stylize the photos that 'nijigan pairs held-out' lists."
        path = find_picture(self._folder, sample.name, remedy)
        drawn = read_picture(path).rgb
        if drawn.shape != sample.photo.shape:
            height, width = sample.photo.shape[:2]
            raise DataError(
                f"'{path}' is {drawn.shape[1]}x{drawn.shape[0]}, its photo {width}x{height}.",
                "Stylize the photos of --data at their own size.",
            )
        return drawn


def open_source(source: str) -> Drawer | DrawnFolder:
    """Return what draws, or else the folder of drawings at that path.

    Raises:
        UsageError: neither.
        NijiganError: what `open_drawer` says of one that is damaged.
    """
    try:
        return open_drawer(source)
    except UsageError:
        if not Path(source).is_dir():
            raise
        return DrawnFolder(Path(source))


def drawing_with(source: Drawer | DrawnFolder, strength: float) -> DrawSample:
    """Return what gives the drawings of samples; of those that are there strength says nothing."""
    if isinstance(source, DrawnFolder):
        return source.read
    return lambda sample: source.draw(sample.photo, strength)
