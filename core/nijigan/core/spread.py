"""Picks some of many."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def spread(items: Sequence[T], count: int) -> Sequence[T]:
    """Return at most `count` of the items, evenly spread: neighbors by name are often alike."""
    return items if len(items) <= count else [items[i * len(items) // count] for i in range(count)]
