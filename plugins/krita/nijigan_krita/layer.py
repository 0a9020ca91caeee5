# SPDX-License-Identifier: GPL-3.0-or-later
"""The layer that a drawing becomes."""

from typing import Any, Generator

from nijigan_krita.area import Area
from nijigan_krita.colors import Pixels
from nijigan_krita.conversion import Convert
from nijigan_krita.documents import check_open, is_open, top_layer, until_idle
from nijigan_krita.run import Steps

_SETTLE_SECONDS = 0.05


def filled_layer(
    document: Any, name: str, pixels: Pixels, part: Area, convert: Convert
) -> Generator[float, None, Any]:
    """Return a new layer with the pixels of `part`, converted to the document's color space.

    It is filled before it is added, so that one undo takes it away, and nobody sees half of it.

    Raises:
        SourceError: the document has been closed.
    """
    check_open(document)
    layer = document.createNode(name, "paintlayer")
    row_bytes = len(pixels) // part.height
    for strip in part.strips():
        first = strip.top - part.top
        rows = pixels[first * row_bytes : (first + strip.height) * row_bytes]
        layer.setPixelData(convert(bytes(rows), part.width), *strip)
        yield 0.0
        check_open(document)
    return layer


def add_layer(document: Any, place: Any, layer: Any) -> Steps:
    """Add a layer above `place`; where that has been deleted meanwhile, on top.

    The layer that was active stays so, for it may be drawn again otherwise. The first step adds it.
    """
    active = document.activeNode()
    parent = None if place is None else place.parentNode()
    if parent is None or all(place != node for node in parent.childNodes()):
        parent, place = document.rootNode(), top_layer(document)
    parent.addChildNode(layer, place)
    yield 0.0
    yield from until_idle(document)
    yield _SETTLE_SECONDS  # Krita chooses the new layer when it has its turn
    if active is not None and is_open(document):
        document.setActiveNode(active)
