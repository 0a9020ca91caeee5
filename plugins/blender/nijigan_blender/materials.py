# SPDX-License-Identifier: GPL-3.0-or-later
"""The image textures of objects, and materials that have others in their place."""

from collections.abc import Iterable, Iterator, Mapping

import bpy

_TEXTURE, _GROUP = bpy.types.ShaderNodeTexImage, bpy.types.ShaderNodeGroup
_SOURCES = ("FILE", "GENERATED", "TILED")  # not movies, sequences, renders


def color_textures(objects: Iterable[bpy.types.Object]) -> list[bpy.types.Image]:
    """Return the images that give the objects their colors, each once.

    Those that hold other numbers than colors, and movies, are left out.
    """
    found: dict[str, bpy.types.Image] = {}
    for item in objects:
        for slot in item.material_slots:
            for node in _texture_nodes(slot.material.node_tree if slot.material else None):
                if node.image is not None and _is_color(node.image):
                    found[node.image.name_full] = node.image
    return list(found.values())


def switch_textures(
    objects: Iterable[bpy.types.Object], images: Mapping[str, bpy.types.Image], style: str
) -> None:
    """Give the objects copies of their materials that have `images` for those of these full names.

    The materials stay as they are, for other objects have them too.
    """
    copies: dict[str, bpy.types.Material] = {}
    for item in objects:
        for slot in item.material_slots:
            material = slot.material
            if material is None or not _has_one_of(material.node_tree, images):
                continue
            if material.name_full not in copies:
                copies[material.name_full] = _copy(material, images, style)
            if item.data.users > 1 or item.data.library is not None:  # the mesh stays as it is
                slot.link = "OBJECT"
            slot.material = copies[material.name_full]


def _copy(
    material: bpy.types.Material, images: Mapping[str, bpy.types.Image], style: str
) -> bpy.types.Material:
    copy = material.copy()
    copy.name = f"{style} {material.name}"
    _switch(copy.node_tree, images)
    return copy


def _switch(tree: bpy.types.NodeTree | None, images: Mapping[str, bpy.types.Image]) -> None:
    for node in tree.nodes if tree is not None else ():
        if isinstance(node, _TEXTURE) and node.image is not None:
            node.image = images.get(node.image.name_full, node.image)
        elif isinstance(node, _GROUP) and _has_one_of(node.node_tree, images):
            node.node_tree = node.node_tree.copy()
            _switch(node.node_tree, images)


def _has_one_of(tree: bpy.types.NodeTree | None, images: Mapping[str, bpy.types.Image]) -> bool:
    return any(node.image.name_full in images for node in _texture_nodes(tree))


def _texture_nodes(tree: bpy.types.NodeTree | None) -> Iterator[bpy.types.ShaderNodeTexImage]:
    for node in tree.nodes if tree is not None else ():
        if isinstance(node, _TEXTURE) and node.image is not None:
            yield node
        elif isinstance(node, _GROUP):
            yield from _texture_nodes(node.node_tree)


def _is_color(image: bpy.types.Image) -> bool:
    """Data are normals, roughness: numbers, in whatever space the studio's configuration has."""
    return image.source in _SOURCES and not image.colorspace_settings.is_data
