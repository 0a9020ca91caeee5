"""Which pictures train and which are held out: `split.json` of a folder of pictures."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.atomic import write_atomically
from nijigan.core.errors import DataError

_CROP = re.compile(r"([-_.](left|center|right|crop\d+|\d+px|recolored))+$", re.IGNORECASE)


@dataclass(frozen=True)
class Split:
    """Names of pairs, or of pictures."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Identifies the split, whatever the order of its names: SHA-256 of the sorted lines
        `train NAME` and `val NAME`.
        """
        lines = [f"train {name}" for name in self.train] + [f"val {name}" for name in self.held_out]
        return hashlib.sha256(as_bytes("\n".join(sorted(lines)))).hexdigest()


def is_held_out(name: str, share: float) -> bool:
    """Whether a photo is for validation: decided by its name alone, so that adding photos to a set
    never moves one from training to validation or back. Crops of one frame stay together.
    """
    digest = hashlib.sha256(as_bytes(frame_of(name))).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


def frame_of(name: str) -> str:
    """Return the frame of a crop or copy: `sky5` of `sky5-left`, `sky5_crop2`,
    `sky5-360px`, `sky5-recolored`.

    They overlap; on both sides of a split they would let a network be tested on what
    it has seen.
    """
    return _CROP.sub("", name)


def as_bytes(name: str) -> bytes:
    """Return the bytes of a name; of one that is not UTF-8 on the disk, those that are there."""
    return name.encode(errors="surrogateescape")


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
    for key in ("train", "val"):
        names = split[key]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise DataError(f"{path}: '{key}' is not a list of names.", remedy)
    return Split(tuple(split["train"]), tuple(split["val"]))


def refuse_another(split: Split, began_with: str, folder: Path) -> None:
    """Refuse a split that is not the one that a run began with.

    Args:
        split: of the pictures as they are now.
        began_with: the `sha256` of the other; empty where there is no run.
        folder: of pictures, with its `split.json`: to tell which pictures came or went.

    Raises:
        DataError: they differ.
    """
    if began_with in ("", split.sha256):
        return
    before = set(_names_of(folder))
    now = {*split.train, *split.held_out}
    raise DataError(
        f"The run in '{folder.parent}' learns from other pictures: {_listed(now - before)} came,"
        f" {_listed(before - now)} went.",
        "Put the pictures back as they were, or begin anew in another folder.",
    )


def _names_of(folder: Path) -> tuple[str, ...]:
    split = read_split(folder)
    return split.train + split.held_out


def _listed(names: set[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in sorted(names)[:3])
    return f"{len(names)} ({shown}{', …' if len(names) > 3 else ''})" if names else "none"


def write_split(folder: Path, split: Split) -> None:
    """Write `split.json` of a folder of pictures."""
    content = {"sha256": split.sha256, "train": split.train, "val": split.held_out}
    write_atomically(folder / "split.json", (json.dumps(content, indent=1) + "\n").encode())
