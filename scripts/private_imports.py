"""Makes imports relative, so that a plugin carries packages that no other plugin can swap.

Hosts run all plugins in one interpreter. What a plugin carries must be found under the plugin's own
name, which Blender chooses at installation: so imports of it are written with leading dots.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

_FROM = re.compile(r"^(?P<indent>\s*)from (?P<module>[\w.]+) import ")
_IMPORT = re.compile(r"^(?P<indent>\s*)import (?P<module>[\w.]+)\s*$")


class PrivateImportError(ValueError):
    """An import of a form that is not rewritten."""


def make_private(source: str, path: PurePosixPath, packages: Mapping[str, str]) -> str:
    """Return a module's source with its imports of `packages` made relative.

    Args:
        source: the module's.
        path: where it lies in the plugin's package.
        packages: where each package lies in the plugin's package, with dots: "" for the plugin's
            own name.

    Raises:
        PrivateImportError: an `import` of one of them gives it another name.
    """
    return "\n".join(_private_line(line, path, packages) for line in source.split("\n"))


def _private_line(line: str, path: PurePosixPath, packages: Mapping[str, str]) -> str:
    found = _FROM.match(line)
    if found:
        place = _place(found["module"], packages)
        if place is None:
            return line
        return f"{found['indent']}from {_relative(place, path)} import {line[found.end() :]}"
    found = _IMPORT.match(line)
    if found:
        return _private_import(found["indent"], found["module"], path, packages) or line
    words = line.split()
    if words[:1] == ["import"] and any(_place(w.strip(","), packages) is not None for w in words):
        raise PrivateImportError(f"{path} has {line.strip()!r}. Write `from … import …`.")
    return line


def _private_import(
    indent: str, module: str, path: PurePosixPath, packages: Mapping[str, str]
) -> str | None:
    """Rewrite `import a.b`, which gives the name a and loads a.b."""
    place = _place(module, packages)
    if place is None:
        return None
    top, _, below = module.partition(".")
    parent, _, name = packages.get(top, "").rpartition(".")
    if name != top:
        raise PrivateImportError(f"{path} has 'import {module}'. Write `from … import …`.")
    lines = f"{indent}from {_relative(parent, path)} import {top}"
    if below:
        within, _, last = place.rpartition(".")
        lines += f"; from {_relative(within, path)} import {last}"
    return lines


def _place(module: str, packages: Mapping[str, str]) -> str | None:
    """Where a module lies in the plugin's package, or None where it is not carried."""
    for name, place in packages.items():
        if module == name or module.startswith(f"{name}."):
            return (place + module[len(name) :]).lstrip(".")
    return None


def _relative(place: str, path: PurePosixPath) -> str:
    return "." * len(path.parts) + place
