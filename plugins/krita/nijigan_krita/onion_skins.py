# SPDX-License-Identifier: GPL-3.0-or-later
"""Onion skins, which Krita paints into what an animated layer looks like."""

from typing import Any, Iterator, Sequence

from nijigan_host.errors import SourceError
from nijigan_krita.documents import until_idle
from nijigan_krita.plain_layer import is_plain
from nijigan_krita.run import Steps
from nijigan_krita.source import Source, canvas_of
from nijigan_krita.unseen_copy import twin, unseen_copy


def refuse_onion_skins(document: Any, source: Source, times: Sequence[int]) -> Steps:
    """Refuse a source that shows some at one of these times.

    Scripts are not told where they are on. So what each animated layer looks like without its masks
    is compared with what is on it, in a copy. To be called where the document is idle; it is again
    when this ends.

    Raises:
        SourceError: there are some.
    """
    if is_plain(source.node) or not [*_animated(source.node)]:
        return
    with unseen_copy(document) as copy:
        layers = [*_animated(twin(copy, source.node))]
        for mask in [mask for layer in layers for mask in layer.childNodes()]:
            mask.setVisible(False)
        for time in times:
            copy.setCurrentTime(time)
            yield from until_idle(document, copy)
            for layer in layers:
                yield from _compare(copy, layer)
    yield from until_idle(document)


def _animated(node: Any) -> Iterator[Any]:
    """Yield the animated paint layers that are seen in a node, and itself if it is one."""
    if node.animated() and node.type() == "paintlayer":
        yield node
    for child in node.childNodes():
        if child.visible():
            yield from _animated(child)


def _compare(copy: Any, layer: Any) -> Steps:
    for strip in canvas_of(copy).strips():
        if layer.projectionPixelData(*strip).data() != layer.pixelData(*strip).data():
            raise SourceError(
                f"“{layer.name()}” shows onion skins, which would be drawn.",
                "Switch them off in the timeline.",
            )
        yield 0.0
