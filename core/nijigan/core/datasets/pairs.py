"""Makes pseudo-pairs: photos at a style's working scale, each with a teacher's drawing of it.

pairs/
    photo/NAME.png  drawn/NAME.png     matched by name
    split.json                         which names train and which are held out
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from nijigan.core import teachers
from nijigan.core.atomic import write_atomically
from nijigan.core.datasets.photos import find_photos
from nijigan.core.datasets.recolored import RecoloredCopy, is_recolored
from nijigan.core.datasets.split import Split, is_held_out
from nijigan.core.datasets.working_copy import (
    Scales,
    WorkingCopy,
    check_names,
    working_copies,
)
from nijigan.core.errors import DataError, ImageError
from nijigan.core.images import Picture, write_picture


@dataclass(frozen=True)
class PairSettings:
    """How pairs are made."""

    teacher: str = "cel"
    """Name of the teacher, or a `.py` file that has one."""
    scales: Scales = field(default_factory=Scales)
    """Sizes that photos are drawn at."""
    held_out: float = 0.1
    """Share of the photos that are kept for validation."""
    recolored: float = 0.25
    """Share of the other photos that are drawn in other colors too, to learn sharp edges of color
    from."""


def make_pairs(
    photos: Path, out: Path, settings: PairSettings, jobs: int = 1
) -> Iterator[tuple[int, int]]:
    """Draw every photo below `photos` and write the pairs; yields (done, all) as it goes.

    A share of what trains is drawn once more, recolored: `NAME-recolored`.

    Pairs that are there already are kept, so an interrupted run goes on where it stopped.

    Raises:
        DataError: no photos, all of them too small, two that would have one name, or `out` has
            pairs that were made with other settings.
        ImageError: a photo that cannot be read, or whose drawing is not finite; it names it.
        UsageError: no such teacher, or one of a file that fails.
    """
    copies = working_copies(find_photos(photos), settings.scales)
    teacher = repr(teachers.create(settings.teacher))
    made_with = _made_with(settings, teacher)
    split_file = out / "split.json"
    split = divided(copies, settings.held_out)
    recolored = [
        RecoloredCopy(copy)
        for copy in copies
        if copy.name in set(split.train) and is_recolored(copy.name, settings.recolored)
    ]
    pictures: list[WorkingCopy | RecoloredCopy] = [*copies, *recolored]
    check_names(picture.name for picture in pictures)
    _refuse_other_settings(split_file, made_with)
    for folder in (out / "photo", out / "drawn"):
        folder.mkdir(parents=True, exist_ok=True)
    train = (*split.train, *(each.name for each in recolored))
    _write_split(split_file, replace(split, train=train), made_with)
    todo = [each for each in pictures if not (out / "drawn" / f"{each.name}.png").exists()]
    yield len(pictures) - len(todo), len(pictures)
    with ProcessPoolExecutor(jobs) as pool:
        make_pair = partial(_make_pair, out=out, name=settings.teacher, described=teacher)
        drawn = pool.map(make_pair, todo)
        for count, _ in enumerate(drawn, start=len(pictures) - len(todo) + 1):
            yield count, len(pictures)


@cache
def _teacher(name: str, described: str) -> teachers.Teacher:
    """Return the teacher, once in each process: one of a file may load a network of its own."""
    teacher = teachers.create(name)
    if repr(teacher) != described:
        raise DataError(
            f"The teacher '{name}' was edited while pairs were drawn.", "Name a new folder."
        )
    return teacher


def _make_pair(source: WorkingCopy | RecoloredCopy, out: Path, name: str, described: str) -> None:
    photo = source.read()
    drawn = _teacher(name, described)(np.divide(photo.rgb, 255, dtype=np.float32))
    if not np.isfinite(drawn).all():
        raise ImageError(f"The teacher's drawing of '{source.name}' is not finite.", "Report this.")
    # the drawing last: its presence is what says that the pair is whole
    write_picture(out / "photo" / f"{source.name}.png", photo)
    write_picture(
        out / "drawn" / f"{source.name}.png", Picture(np.rint(drawn * 255).astype(np.uint8))
    )


def _made_with(settings: PairSettings, teacher: str) -> dict[str, object]:
    return {
        "teacher": teacher,
        "short_sides": list(settings.scales.short_sides),
        "max_enlargement": settings.scales.max_enlargement,
        "recolored": settings.recolored,
    }


def _refuse_other_settings(split_file: Path, made_with: dict[str, object]) -> None:
    try:
        found = json.loads(split_file.read_text(encoding="utf-8"))["made_with"]
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{split_file} does not say how its pairs were made ({error!r}).", "Name a new folder."
        ) from error
    if found != made_with:
        raise DataError(
            f"'{split_file.parent}' has pairs that were made with other settings.",
            "Name a new folder.",
        )


def _write_split(path: Path, split: Split, made_with: dict[str, object]) -> None:
    content = {
        "made_with": made_with,
        "sha256": split.sha256,
        "train": split.train,
        "val": split.held_out,
    }
    write_atomically(path, (json.dumps(content, indent=1) + "\n").encode())


def divided(copies: Sequence[WorkingCopy], share: float) -> Split:
    """Return which pictures train and which are held out, by their names."""
    names = [copy.name for copy in copies]
    return Split(
        train=tuple(name for name in names if not is_held_out(name, share)),
        held_out=tuple(name for name in names if is_held_out(name, share)),
    )
