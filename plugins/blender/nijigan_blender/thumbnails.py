# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures for panels: of each style, and the draft of what is being drawn."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import bpy.utils.previews
import numpy as np

from nijigan_host.job import Preview

_DRAFT = "draft"  # a key that no style has


class Thumbnails:
    """Icons of Blender's, by style. Used by Blender's thread alone."""

    def __init__(self) -> None:
        self._icons = bpy.utils.previews.new()
        self._folder = TemporaryDirectory(prefix="nijigan-")  # Blender loads from files only

    def style(self, name: str, version: str, previews: Mapping[tuple[str, str], bytes]) -> int:
        """Return the icon of a style, 0 where it has no preview; `previews`: PNG files."""
        key = f"style {name} {version}"
        if key not in self._icons:
            png = previews.get((name, version))
            if not png:
                return 0
            path = Path(self._folder.name, f"{len(self._icons)}.png")
            path.write_bytes(png)
            self._icons.load(key, str(path), "IMAGE")
        return int(self._icons[key].icon_id)

    def show_draft(self, draft: Preview) -> None:
        """Have this shown while the job goes on."""
        self.hide_draft()
        rgb = np.frombuffer(draft.pixels, np.uint8).reshape(draft.height, draft.width, 3)
        rgba = np.dstack([rgb[::-1] / np.float32(255), np.ones(rgb.shape[:2], np.float32)])
        icon = self._icons.new(_DRAFT)
        icon.image_size = draft.width, draft.height
        pixels: Any = icon.image_pixels_float  # its stub says float
        pixels.foreach_set(rgba.astype(np.float32).ravel())

    def hide_draft(self) -> None:
        """Show it no longer."""
        if _DRAFT in self._icons:
            del self._icons[_DRAFT]

    @property
    def draft(self) -> int:
        """The icon of the draft, 0 where there is none."""
        return int(self._icons[_DRAFT].icon_id) if _DRAFT in self._icons else 0

    def close(self) -> None:
        """Give all of it back."""
        bpy.utils.previews.remove(self._icons)
        self._folder.cleanup()
