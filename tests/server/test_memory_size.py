"""Amounts of memory on the command line."""

import pytest

from nijigan.core.errors import UsageError
from nijigan.server.memory_size import parse_memory


@pytest.mark.parametrize(
    ("text", "size"),
    [("2G", 2 << 30), ("512M", 512 << 20), ("1.5g", 3 << 29), ("64MiB", 64 << 20), ("2 GB", None)],
)
def test_amounts(text, size):
    if size is None:
        with pytest.raises(UsageError):
            parse_memory(text)
    else:
        assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "2", "G", "-2G", "63M", "0G", "2T", "nan", "1e3M"])
def test_what_is_none(text):
    with pytest.raises(UsageError, match="64M or more"):
        parse_memory(text)
