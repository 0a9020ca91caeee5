# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers that look like what is painted on them."""

from typing import Any


def is_plain(node: Any) -> bool:
    """Whether a node is a paint layer without masks."""
    return node.type() == "paintlayer" and not node.childNodes()
