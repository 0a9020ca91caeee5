# SPDX-License-Identifier: GPL-3.0-or-later
"""Krita's documents."""

from typing import Any

from krita import Krita

from nijigan_host.errors import SourceError
from nijigan_krita.colors import Space
from nijigan_krita.run import Steps

_POLL_SECONDS = 0.02


def document_key(document: Any) -> str:
    """Return what stands for a document as long as it is open; wrappers of it come and go."""
    return str(document.rootNode().uniqueId().toString())


def is_open(document: Any) -> bool:
    """Whether a document is still there."""
    return any(document == other for other in Krita.instance().documents())


def space_of(item: Any) -> Space:
    """Return the color space of a document or a layer."""
    return Space(item.colorModel(), item.colorDepth(), item.colorProfile())


def top_layer(document: Any) -> Any:
    """Return the topmost layer, None where there is none. What is selected is a node too."""
    layers = [node for node in document.topLevelNodes() if node.type().endswith("layer")]
    return layers[-1] if layers else None


def check_open(document: Any) -> None:
    """Refuse a document that is no longer there.

    Raises:
        SourceError: it has been closed.
    """
    if not is_open(document):
        raise SourceError("The document has been closed.", "Open it and draw again.")


def until_idle(document: Any, copy: Any = None) -> Steps:
    """Yield until Krita has done what was asked of a document, or of its copy, such as a stroke.

    Raises:
        SourceError: the document has been closed.
    """
    busy = document if copy is None else copy
    while not busy.tryBarrierLock():
        check_open(document)
        yield _POLL_SECONDS
    busy.unlock()
