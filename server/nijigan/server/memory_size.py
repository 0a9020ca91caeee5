"""Amounts of memory, as they are written on the command line."""

import re

from nijigan.core.errors import UsageError

_UNITS = {"M": 1 << 20, "G": 1 << 30}
_LEAST = 64 << 20


def parse_memory(text: str) -> int:
    """Return the bytes that "2G" or "512M" means.

    Raises:
        UsageError: it means nothing, or less than 64M.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([MG])i?B?", text.strip(), re.IGNORECASE)
    size = int(float(match[1]) * _UNITS[match[2].upper()]) if match else 0
    if size < _LEAST:
        raise UsageError(f"The memory is {text!r}.", "Give 64M or more, such as 512M or 2G.")
    return size
