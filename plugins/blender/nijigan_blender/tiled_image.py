# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of several tiles (UDIM), which Blender shows to scripts one file at a time."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, cast

import bpy

from nijigan_blender.frame_file import save_image
from nijigan_blender.pixels import MAX_NAME, Origin, origin_of, picture_of
from nijigan_host.drawing import Picture
from nijigan_host.errors import SourceError

_PLACE = "<UDIM>"


class Tiles(NamedTuple):
    """What is needed to put the drawn tiles together again; it outlives the image, as on undo."""

    name: str
    key: str  # as an origin has it
    origins: dict[int, Origin]  # by the tile's number
    pictures: dict[int, Picture]


def tiles_of(image: bpy.types.Image) -> Tiles:
    """Return the pictures of all tiles.

    Raises:
        SourceError: one cannot be read.
    """
    tiles = Tiles(image.name, image.name_full, {}, {})
    with TemporaryDirectory(prefix="nijigan-") as folder:
        for tile in image.tiles:
            one = _loaded(image, tile.number, Path(folder))
            try:
                one.colorspace_settings.name = image.colorspace_settings.name
                one.alpha_mode = image.alpha_mode
                tiles.pictures[tile.number] = picture_of(one)
                tiles.origins[tile.number] = origin_of(one)._replace(
                    name=f"{image.name} {tile.number}", key=f"{image.name_full} {tile.number}"
                )
            finally:
                bpy.data.images.remove(one)
    return tiles


def put_together(
    scene: bpy.types.Scene, tiles: Tiles, drawn: Mapping[str, bpy.types.Image], style: str
) -> bpy.types.Image:
    """Return one new image of drawn tiles, packed into the file. Theirs are taken away.

    drawn: an image for each tile, by the key of its origin.
    """
    images = {number: drawn[origin.key] for number, origin in tiles.origins.items()}
    first = images[min(images)]
    suffix = ".exr" if first.is_float else ".png"
    with TemporaryDirectory(prefix="nijigan-") as folder:
        for number, image in images.items():
            save_image(scene, Path(folder, f"{number}{suffix}"), image)
        whole = bpy.data.images.load(str(Path(folder, f"{min(images)}{suffix}")))
        whole.source = "TILED"
        whole.filepath = str(Path(folder, f"{_PLACE}{suffix}"))
        for number in images:
            if number not in {tile.number for tile in whole.tiles}:
                whole.tiles.new(tile_number=number)
        if not first.is_float:
            whole.colorspace_settings.name = first.colorspace_settings.name
        whole.alpha_mode = first.alpha_mode
        whole.name = f"{style} {tiles.name}"[:MAX_NAME]
        whole.pack()
    for image in images.values():
        bpy.data.images.remove(image)
    return whole


def _loaded(image: bpy.types.Image, number: int, folder: Path) -> bpy.types.Image:
    """Load the file of a tile as an image of its own."""
    path = Path(
        bpy.path.abspath(image.filepath.replace(_PLACE, str(number)), library=image.library)
    )
    for packed in image.packed_files:
        if packed.tile_number == number:
            path = folder / f"{number}{Path(image.filepath).suffix}"
            path.write_bytes(cast("bytes", packed.packed_file.data))
    try:
        return bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise SourceError(
            f"Tile {number} of {image.name!r} cannot be read ({error}).".replace("\n", " "),
            "Is its file there?",
        ) from error
