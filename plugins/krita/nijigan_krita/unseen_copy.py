# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of a document that nobody sees, whose time may be set while people go on in theirs."""

from contextlib import contextmanager
from typing import Any, Iterator


@contextmanager
def unseen_copy(document: Any) -> Iterator[Any]:
    """Give the copy while the body runs. Pixels are shared until one of the two changes them.

    To be made where the document is idle: half of a stroke would be in it.
    """
    copy = document.clone()
    copy.setBatchmode(True)  # nobody is asked anything
    try:
        yield copy
    finally:
        copy.close()


def twin(copy: Any, node: Any) -> Any:
    """Return what a node has become in a copy that has just been made of its document."""
    parent = node.parentNode()
    if parent is None:
        return copy.rootNode()
    number = [child == node for child in parent.childNodes()].index(True)
    return twin(copy, parent).childNodes()[number]
