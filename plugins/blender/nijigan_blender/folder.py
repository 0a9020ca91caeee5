# SPDX-License-Identifier: GPL-3.0-or-later
"""Where drawings are written."""

from pathlib import Path

import bpy

from nijigan_blender.of_scene import settings_of
from nijigan_host.errors import SourceError
from nijigan_host.file_name import file_name


def blend_name() -> str:
    """Return what people call the file; "untitled" where it has not been saved, as Blender does."""
    return Path(bpy.data.filepath).stem or "untitled"


def drawn_folder(scene: bpy.types.Scene) -> Path:
    """Return the scene's own folder in the one that it names, which need not be there.

    Files that lie beside each other, and scenes of one file, name the same one.

    Raises:
        SourceError: it is beside a file that has no place yet.
    """
    folder = settings_of(scene).folder
    if folder.startswith("//") and not bpy.data.filepath:
        raise SourceError(
            f"The folder {folder} is beside a file that has not been saved.",
            "Save the file, or choose another folder.",
        )
    return Path(bpy.path.abspath(folder), file_name(blend_name()), file_name(scene.name))
