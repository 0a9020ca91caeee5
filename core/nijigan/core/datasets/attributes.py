"""What is known of pictures besides: a table of attributes, and the groups that it makes."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.errors import DataError, UsageError
from nijigan.core.nearest import did_you_mean

_YES = ("1", "true", "yes")
_NO = ("-1", "0", "false", "no")


@dataclass(frozen=True)
class Attributes:
    """columns: their names. rows: the values of each picture, by its name as `find_photos` makes
    it, whatever its suffix is.
    """

    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]]

    def check(self, columns: Sequence[str]) -> None:
        """Raise unless all are there.

        Raises:
            UsageError: one is not.
        """
        for column in columns:
            if column not in self.columns:
                raise UsageError(
                    f"There is no attribute '{column}'.", did_you_mean(column, self.columns)
                )

    def group(self, name: str, columns: Sequence[str]) -> str | None:
        """Return the group that a picture is in, `male_not-young`; None where nothing is known."""
        row = self.rows.get(name)
        if row is None:
            return None
        return "_".join(_part(column, row[column]) for column in columns)


def read_attributes(path: Path) -> Attributes:
    """Read CelebA's `list_attr_celeba.txt`, or CSV whose first line names columns and whose first
    column has the files.

    Raises:
        DataError: it cannot be read, or a line has more or fewer values than there are columns.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read: {error}.", "Name a table of attributes."
        ) from error
    if lines and lines[0].strip().isdigit():  # CelebA's first line counts the pictures
        columns, table = tuple(" ".join(lines[1:2]).split()), [line.split() for line in lines[2:]]
    else:
        head, *table = csv.reader(lines or [""])
        columns = tuple(head[1:])
    first = len(lines) - len(table) + 1
    return Attributes(columns, dict(_rows(path, columns, table, first)))


def _rows(
    path: Path, columns: Sequence[str], table: Iterable[Sequence[str]], first: int
) -> Iterable[tuple[str, Mapping[str, str]]]:
    for number, cells in enumerate(table, start=first):
        if not cells:
            continue
        if len(cells) != len(columns) + 1:
            raise DataError(
                f"{path}, line {number}: {len(cells)} values where {len(columns) + 1} belong.",
                "The first is the file's name; one for each column follows.",
            )
        name = "-".join(Path(cells[0].strip()).with_suffix("").parts)
        yield name, dict(zip(columns, (cell.strip() for cell in cells[1:]), strict=True))


def _part(column: str, value: str) -> str:
    name = _as_name(column)
    if value.lower() in _YES:
        return name
    return f"not-{name}" if value.lower() in _NO else f"{name}-{_as_name(value)}"


def _as_name(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "none"
