# SPDX-License-Identifier: GPL-3.0-or-later
"""Where drawings are written."""

from pathlib import Path

import bpy

from nijigan_blender.of_scene import settings_of
from nijigan_host.errors import SourceError


def drawn_folder(scene: bpy.types.Scene) -> Path:
    """Return the folder that the scene names, which need not be there.

    Raises:
        SourceError: it is beside a file that has no place yet.
    """
    folder = settings_of(scene).folder
    if folder.startswith("//") and not bpy.data.filepath:
        raise SourceError(
            f"The folder {folder} is beside a file that has not been saved.",
            "Save the file, or choose another folder.",
        )
    return Path(bpy.path.abspath(folder))
