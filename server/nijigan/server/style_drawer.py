"""Opens styles for whatever asks for something that draws (entry-point group `nijigan.drawers`)."""

import os
from contextlib import suppress
from pathlib import Path

from nijigan.core.drawers import Drawer, NetworkFacts, Pixels
from nijigan.core.errors import StyleNotFoundError
from nijigan.core.images import Picture
from nijigan.export.styles import StyleLibrary, find_style
from nijigan.server.stylizer import Settings, Stylizer


class StyleDrawer(Drawer):
    """Draws with a style as `nijigan stylize` does, with its normal quality and its own scale."""

    network: NetworkFacts

    def __init__(self, library: StyleLibrary, name: str) -> None:
        style = library.get(name)
        normal = style.qualities["normal"]
        has_ode = normal.solver != "none"
        solver = {"solver": normal.solver, "steps": normal.steps} if has_ode else {}
        self.name = style.name
        self.network = NetworkFacts(
            style.generator["name"],
            {**style.generator["config"], **solver},
            style.generator["parameters"],
            style.training.get("split_sha256", ""),
            style.training.get("steps"),
        )
        self._stylizer = Stylizer(library)

    def draw(self, pixels: Pixels, strength: float = 1.0) -> Pixels:
        """See `Drawer.draw`."""
        return self._stylizer.stylize(Picture(pixels), Settings(self.name, strength)).rgb


def open_style(source: str) -> Drawer | None:
    """Open a style by its name or by the path of its folder.

    Raises:
        StyleError: the style's folder is not whole.
    """
    if any(separator in source for separator in (os.sep, os.altsep) if separator):
        return StyleDrawer(*find_style(source)) if (Path(source) / "style.json").exists() else None
    with suppress(StyleNotFoundError):
        return StyleDrawer(*find_style(source))
    return None
