"""What the organizer of a study keeps: which drawing is of which method."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nijigan.core.errors import DataError

FORMAT = 1


@dataclass(frozen=True)
class Shown:
    """One photo and its drawings, by ids that say nothing."""

    id: str
    name: str
    """Of the photo, for the organizer."""
    drawings: dict[str, str]
    """The method of each drawing's id."""


@dataclass(frozen=True)
class Key:
    """A study: what its page shows, and the names that the page does not have."""

    study: str
    """Id that the page and every answer carry."""
    methods: tuple[str, ...]
    aspects: tuple[str, ...]
    pictures: tuple[Shown, ...]

    def as_json(self) -> str:
        """Return the content of `key.json`."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False)


def read_key(path: Path) -> Key:
    """Read `key.json`.

    Raises:
        DataError: it is missing or damaged, or of a newer format.
    """
    remedy = "Give the key.json that 'nijigan eval mos make' wrote."
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["format"] != FORMAT:
            raise DataError(f"{path} has format {table['format']}, not {FORMAT}.", remedy)
        key = _parse(table)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}).", remedy) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path} is no whole key: {error!r}.", remedy) from error
    return key


def _parse(table: dict[str, Any]) -> Key:
    key = Key(
        study=str(table["study"]),
        methods=tuple(table["methods"]),
        aspects=tuple(table["aspects"]),
        pictures=tuple(
            Shown(str(row["id"]), str(row["name"]), dict(row["drawings"]))
            for row in table["pictures"]
        ),
    )
    if not (key.methods and key.aspects and key.pictures):
        raise ValueError("it has no methods, aspects or pictures")
    for shown in key.pictures:
        if sorted(shown.drawings.values()) != sorted(key.methods):
            raise ValueError(f"'{shown.name}' has not one drawing of each method")
    return key
