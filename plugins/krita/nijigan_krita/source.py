# SPDX-License-Identifier: GPL-3.0-or-later
"""What is drawn: a layer, a group, or all that is seen."""

from typing import Any, Generator, List, NamedTuple, Optional

from nijigan_host.errors import SourceError
from nijigan_krita.area import Area
from nijigan_krita.colors import Space
from nijigan_krita.conversion import Convert
from nijigan_krita.documents import space_of, top_layer
from nijigan_krita.plain_layer import is_plain
from nijigan_krita.settings import CANVAS, GROUP


class Source(NamedTuple):
    """What is drawn.

    node: what is drawn is what it looks like, with its masks and what is in it. place: the layer
    that the drawing goes above.
    """

    name: str
    node: Any
    place: Any
    space: Space


def canvas_of(document: Any) -> Area:
    """Return all of a document's canvas."""
    return Area(0, 0, document.width(), document.height())


def find_node(document: Any, kind: str) -> Source:
    """Return what of a document is to be drawn; `kind` is one of `settings.SOURCES`.

    Raises:
        SourceError: there is no such thing.
    """
    root = document.rootNode()
    top = top_layer(document)
    if kind == CANVAS:
        return Source(document.name() or "canvas", root, top, space_of(document))
    node = _layer(document.activeNode() or top)
    if kind == GROUP:
        node = _group(node, root)
    _refuse_pass_through(node)
    return Source(node.name(), node, node, space_of(node))


def covered(document: Any, source: Source) -> Area:
    """Return what of the canvas the source covers.

    Raises:
        SourceError: nothing.
    """
    bounds = source.node.bounds()
    shown = Area(bounds.x(), bounds.y(), bounds.width(), bounds.height())
    part = canvas_of(document).common(shown)
    if part.is_empty:
        raise SourceError(f"There is nothing on “{source.name}”.", "Choose another layer.")
    return part


def _layer(node: Any) -> Any:
    while node is not None and not node.type().endswith("layer"):  # a mask is its layer's
        node = node.parentNode()
    if node is None:
        raise SourceError("No layer is chosen.", "Choose one in the list of layers.")
    return node


def _group(node: Any, root: Any) -> Any:
    if node.type() == "grouplayer":
        return node
    parent = node.parentNode()
    if parent is None or parent == root:
        raise SourceError(
            f"The layer “{node.name()}” is in no group.", "Choose the layer or the whole canvas."
        )
    return parent


def _refuse_pass_through(node: Any) -> None:
    """Such a group leaves what is in it to the layers below, and has no picture of its own.

    Raises:
        SourceError: it is one.
    """
    parent = node.parentNode()
    for typed in parent.childNodes() if parent is not None else ():
        if typed == node and node.type() == "grouplayer" and typed.passThroughMode():
            raise SourceError(
                f"The group “{node.name()}” is set to Pass Through.",
                "Switch that off, or choose the whole canvas.",
            )


def read_pixels(
    document: Any, source: Source, convert: Convert
) -> Generator[float, None, List[bytes]]:
    """Return what a source looks like on the whole canvas, converted, in strips.

    Yields in between. Of a plain layer it is what is on it: so its onion skins are left out.
    """
    node = source.node
    read = node.pixelData if is_plain(node) else node.projectionPixelData
    pixels = []
    for strip in canvas_of(document).strips():
        rows = read(*strip).data()
        pixels.append(convert(rows, strip.width))
        yield 0.0
    return pixels


class Selected(NamedTuple):
    """What is selected: a part of the canvas, and how much each of its pixels is, in bytes."""

    part: Area
    mask: Optional[bytes]


def read_selected(document: Any, part: Area) -> Selected:
    """Return what of `part` is selected: all of it where nothing is.

    Raises:
        SourceError: the selection is elsewhere.
    """
    selection = document.selection()
    if selection is None:
        return Selected(part, None)
    chosen = Area(selection.x(), selection.y(), selection.width(), selection.height())
    both = part.common(chosen)
    if both.is_empty:
        raise SourceError(
            "Nothing that can be drawn is selected.", "Select another part, or nothing."
        )
    return Selected(both, selection.pixelData(*both).data())
