"""Names of numbered pictures: `render.%04d.png`, or `render.####.png` as artists write it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

from nijigan.core.errors import ImageError, UsageError

_PLACE = re.compile(r"%(?:0(\d+))?d|#+")
_MOST_GAPS = 8


@dataclass(frozen=True)
class Numbered:
    """The files of a folder whose names are `before`, a number of `digits` or more, and `after`."""

    folder: Path
    before: str
    digits: int
    after: str

    @classmethod
    def parse(cls, path: Path) -> Self | None:
        """Return the files that a name with a place for the number means; None where it has none.

        Raises:
            UsageError: it has several.
        """
        places = list(_PLACE.finditer(path.name))
        if not places or path.exists():  # a file may be called so
            return None
        if len(places) > 1:
            raise UsageError(
                f"{path} has {len(places)} places for a number.", "Leave one, such as ####."
            )
        (place,) = places
        digits = int(place[1] or 1) if place[0].startswith("%") else len(place[0])
        before, after = path.name[: place.start()], path.name[place.end() :]
        return cls(path.parent, before, digits, after)

    def __str__(self) -> str:
        return str(self.folder / f"{self.before}{'#' * self.digits}{self.after}")

    @property
    def suffix(self) -> str:
        """Of the names, such as ".png"."""
        return Path(f"0{self.after}").suffix

    def path(self, number: int) -> Path:
        """Return the file of a number."""
        return self.folder / f"{self.before}{number:0{self.digits}d}{self.after}"

    def numbers(self) -> list[int]:
        """Return the numbers of the files that are there, in order.

        Raises:
            ImageError: there is none, or the folder cannot be read.
        """
        name = re.compile(rf"{re.escape(self.before)}(\d+){re.escape(self.after)}")
        try:
            matches = [name.fullmatch(path.name) for path in self.folder.iterdir()]
        except OSError as error:
            raise ImageError(
                f"{self.folder} cannot be read ({error.strerror}).", "Check the path."
            ) from error
        numbers = {int(match[1]) for match in matches if match}
        there = sorted(number for number in numbers if self.path(number).is_file())
        if not there:
            raise ImageError(f"No file is called {self}.", "Check the path and the digits.")
        return there


def gaps(numbers: Sequence[int]) -> str:
    """Return which numbers are missing among those, such as "3, 7-9"; "" where none is."""
    missing = [(a + 1, b - 1) for a, b in pairwise(numbers) if b - a > 1]
    runs = [str(first) if first == last else f"{first}-{last}" for first, last in missing]
    more = f" and {len(runs) - _MOST_GAPS} more gaps" if len(runs) > _MOST_GAPS else ""
    return ", ".join(runs[:_MOST_GAPS]) + more
