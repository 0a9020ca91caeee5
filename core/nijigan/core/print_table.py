"""Prints tables: as wide as the screen, and in a file as wide as they are."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it takes long to import
    from rich.table import Table

_WIDE = 400
"""Columns: a file has no edge to wrap at."""


def print_table(table: "Table") -> None:
    """Print a table to stdout."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console().print(table)
        return
    console = Console(width=_WIDE)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        print(line.rstrip())
