"""Which pairs train and which are held out: `split.json` of a folder of pairs."""

import json
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.errors import DataError


@dataclass(frozen=True)
class Split:
    """Names of pairs, and the hash that identifies the split."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]
    sha256: str


def read_split(folder: Path) -> Split:
    """Read `split.json` of a folder of pairs.

    Raises:
        DataError: the file is missing or damaged, or has no training pairs.
    """
    path = folder / "split.json"
    remedy = (
        "Make the pairs with 'nijigan pairs make', or write the lists 'train' and 'val' by hand."
    )
    try:
        split = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}.", remedy) from error
    if not isinstance(split, dict) or not split.get("train") or "val" not in split:
        raise DataError(f"{path} names no pairs to train on.", remedy)
    return Split(tuple(split["train"]), tuple(split["val"]), str(split.get("sha256", "")))
