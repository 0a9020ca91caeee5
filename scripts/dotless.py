"""A copy of a style without its halftone dots, to measure its network by itself."""

import json
import shutil
from pathlib import Path


def copy_without_dots(style: Path, copy: Path) -> None:
    """Copy a style folder, its `halftone` left out; what is at `copy` already is replaced.

    Args:
        style: the style folder.
        copy: the folder to write.
    """
    shutil.copytree(style, copy, dirs_exist_ok=True)
    table = json.loads((copy / "style.json").read_bytes())
    table.pop("halftone", None)
    (copy / "style.json").write_text(json.dumps(table), encoding="utf-8")
