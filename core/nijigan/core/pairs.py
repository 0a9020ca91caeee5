"""Makes pseudo-pairs: photos at a style's working scale, each with a teacher's drawing of it.

pairs/
    photo/NAME.png  drawn/NAME.png     matched by name
    split.json                         which names train and which are held out
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from nijigan.core import teachers
from nijigan.core.atomic import write_atomically
from nijigan.core.errors import DataError, ImageError
from nijigan.core.images import SUFFIXES, Picture, read_picture, resize, write_picture


@dataclass(frozen=True)
class PairSettings:
    """How pairs are made."""

    teacher: str = "cel"
    """Name of the teacher."""
    short_side: int = 512
    """The photos' short side in pixels: the style's working scale."""
    max_enlargement: float = 1.5
    """Small photos are enlarged by this much at most, and stay smaller than `short_side`."""
    held_out: float = 0.1
    """Share of the photos that are kept for validation."""


@dataclass(frozen=True)
class Pair:
    """A photo and the name that its pair has."""

    name: str
    photo: Path


def find_photos(folder: Path) -> list[Pair]:
    """The photos below a folder, sorted, named after their place in it (`scenes-sky5`).

    Raises:
        DataError: the folder is missing, has no photos, or two of them would have one name.
    """
    if not folder.is_dir():
        raise DataError(f"'{folder}' is not a folder.", "Name a folder of photos.")
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise DataError(f"'{folder}' has no photos.", "JPEG, PNG, WebP and TIFF files are taken.")
    named: dict[str, Path] = {}
    for path in paths:
        name = "-".join(path.relative_to(folder).with_suffix("").parts)
        if name in named:
            raise DataError(
                f"'{named[name]}' and '{path}' would both be the pair '{name}'.", "Rename one."
            )
        named[name] = path
    return [Pair(name, path) for name, path in named.items()]


def is_held_out(name: str, share: float) -> bool:
    """Whether a photo is for validation: decided by its name alone, so that adding photos to a set
    never moves one from training to validation or back.
    """
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


def make_pairs(
    photos: Path, out: Path, settings: PairSettings, jobs: int = 1
) -> Iterator[tuple[int, int]]:
    """Draw every photo below `photos` and write the pairs; yields (done, all) as it goes.

    Pairs that are there already are kept, so an interrupted run goes on where it stopped.

    Raises:
        DataError: no photos, or `out` has pairs that were made with other settings.
        ImageError: a photo that cannot be read; it names the file.
    """
    pairs = find_photos(photos)
    split = _split(pairs, settings)
    split_file = out / "split.json"
    if (
        split_file.exists()
        and json.loads(split_file.read_text())["made_with"] != split["made_with"]
    ):
        raise DataError(
            f"'{out}' has pairs that were made with other settings.", "Name a new folder."
        )
    for folder in (out / "photo", out / "drawn"):
        folder.mkdir(parents=True, exist_ok=True)
    write_atomically(split_file, (json.dumps(split, indent=1) + "\n").encode())
    todo = [pair for pair in pairs if not (out / "drawn" / f"{pair.name}.png").exists()]
    yield len(pairs) - len(todo), len(pairs)
    with ProcessPoolExecutor(jobs) as pool:
        drawn = pool.map(partial(_make_pair, out=out, settings=settings), todo)
        for count, _ in enumerate(drawn, start=len(pairs) - len(todo) + 1):
            yield count, len(pairs)


def _make_pair(pair: Pair, out: Path, settings: PairSettings) -> None:
    picture = read_picture(pair.photo)
    scale = settings.short_side / min(picture.width, picture.height)
    scale = min(scale, settings.max_enlargement)
    photo = resize(picture.rgb, round(picture.width * scale), round(picture.height * scale))
    drawn = teachers.create(settings.teacher)(np.divide(photo, 255, dtype=np.float32))
    if not np.isfinite(drawn).all():
        raise ImageError(f"The teacher's drawing of '{pair.photo}' is not finite.", "Report this.")
    # the drawing last: its presence is what says that the pair is whole
    write_picture(out / "photo" / f"{pair.name}.png", Picture(photo))
    write_picture(
        out / "drawn" / f"{pair.name}.png", Picture(np.rint(drawn * 255).astype(np.uint8))
    )


def _split(pairs: Sequence[Pair], settings: PairSettings) -> dict[str, object]:
    held_out = [pair.name for pair in pairs if is_held_out(pair.name, settings.held_out)]
    train = [pair.name for pair in pairs if not is_held_out(pair.name, settings.held_out)]
    lines = [f"train {name}" for name in train] + [f"val {name}" for name in held_out]
    made_with = {
        "teacher": repr(teachers.create(settings.teacher)),
        "short_side": settings.short_side,
        "max_enlargement": settings.max_enlargement,
    }
    return {
        "made_with": made_with,
        "sha256": hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest(),
        "train": train,
        "val": held_out,
    }
