"""Names that people give, as names of files."""

import re

_MOST = 60  # letters of any script: within what file systems take


def file_name(name: str) -> str:
    """Return `name` with `_` for what some system does not have in names of files; never empty."""
    return re.sub(r"[^\w .-]", "_", name)[:_MOST].strip(" .") or "_"
