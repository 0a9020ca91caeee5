"""The styles that are installed, found by name."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock

import nijigan
from nijigan.core.errors import StyleError, StyleNotFoundError
from nijigan.core.nearest import did_you_mean
from nijigan.core.user_data import data_dir
from nijigan.export.style import Style, load_style


def default_folders() -> list[Path]:
    """Where styles are looked for, first match wins.

    `$NIJIGAN_STYLES` (folders joined as in `$PATH`), `styles/` in the data directory, and the
    styles that ship with nijigan.
    """
    named = [Path(part) for part in os.environ.get("NIJIGAN_STYLES", "").split(os.pathsep) if part]
    # nijigan/ is in several places where the source tree is installed as it is.
    shipped = [Path(portion) / "styles" for portion in nijigan.__path__]
    return [*named, data_dir() / "styles", *shipped]


def find_style(source: str) -> tuple["StyleLibrary", str]:
    """Return the styles that are installed, and the name of the one that `source` means.

    `source` with a slash is the path of a style folder, which is then found before the others;
    without one it is a name.

    Raises:
        StyleError: the path is not that of a style.
    """
    if not any(separator in source for separator in (os.sep, os.altsep) if separator):
        return StyleLibrary(default_folders()), source
    folder = Path(source)
    return StyleLibrary([folder, *default_folders()]), load_style(folder, verify=False).name


def style_of(source: str) -> Style | None:
    """Return the style whose name or folder `source` is, verified; None where it is something else.

    Raises:
        StyleError: it is one, and not whole.
    """
    if any(separator in source for separator in (os.sep, os.altsep) if separator):
        folder = Path(source)
        return load_style(folder) if (folder / "style.json").is_file() else None
    with suppress(StyleNotFoundError):
        return StyleLibrary(default_folders()).get(source)
    return None


class StyleLibrary:
    """Styles by name. Each of `folders` is a style folder, or holds style folders.

    A style folder may hold others in turn: the same style in fewer bits. `cel:int8` is the one of
    that precision within `cel`.

    The folders are read at every call, so a style that is put there later is found. Any number of
    threads may call.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._verified: dict[Path, Style] = {}
        self._lock = Lock()

    def names(self) -> list[str]:
        """The names of all styles that can be read, sorted; not of those in fewer bits."""
        return sorted(name for name in self._scan()[0] if ":" not in name)

    def all(self) -> list[Style]:
        """All styles of `names`; their files are not verified."""
        found = self._scan()[0]
        return [found[name] for name in sorted(found) if ":" not in name]

    def precisions(self, name: str) -> list[str]:
        """In which fewer bits there is a style too, sorted."""
        return sorted(
            other.partition(":")[2] for other in self._scan()[0] if other.startswith(f"{name}:")
        )

    def broken(self) -> list[StyleError]:
        """What is wrong with the folders that look like styles and cannot be read."""
        return list(self._scan()[1].values())

    def get(self, name: str) -> Style:
        """Return the style of that name, its files verified once.

        Raises:
            StyleNotFoundError: no style has that name.
            StyleError: it has, and its folder is not whole.
        """
        found, broken = self._scan()
        if name not in found:
            if name in broken:
                raise broken[name]
            raise StyleNotFoundError(
                f"No style is named {name!r}.",
                did_you_mean(name, found) + " `nijigan styles list` shows all.",
            )
        style = found[name]
        with self._lock:
            if self._verified.get(style.folder) != style:
                self._verified[style.folder] = load_style(style.folder)
            return self._verified[style.folder]

    def _scan(self) -> tuple[dict[str, Style], dict[str, StyleError]]:
        found: dict[str, Style] = {}
        broken: dict[str, StyleError] = {}
        for folder in self._style_folders():
            try:
                style = load_style(folder, verify=False)
            except StyleError as error:
                broken.setdefault(folder.name, error)
                continue
            if style.name in found:
                continue
            found[style.name] = style
            for inner in filter(_is_style, _inside(folder)):
                name = f"{style.name}:{inner.name}"
                try:
                    found[name] = load_style(inner, verify=False)
                except StyleError as error:
                    broken[name] = error
        return found, broken

    def _style_folders(self) -> list[Path]:
        nested = [(folder, *_inside(folder)) for folder in self._folders]
        return [path for paths in nested for path in paths if _is_style(path)]


def _inside(folder: Path) -> list[Path]:
    """What is in a folder; nothing where it is none, or may not be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_style(folder: Path) -> bool:
    try:
        return (folder / "style.json").is_file()
    except OSError:
        return False
