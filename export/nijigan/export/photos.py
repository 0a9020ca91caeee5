"""The photos that come along: to compare on, and to show in a preview, where none are given."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path

_NAMES = ("astronaut.jpg", "coffee.jpg")


@contextmanager
def bundled_photos() -> Iterator[list[Path]]:
    """Give the paths of the bundled photos, a portrait first; they exist within the context."""
    folder = resources.files("nijigan.export") / "data"
    with ExitStack() as stack:
        yield [stack.enter_context(resources.as_file(folder / name)) for name in _NAMES]
