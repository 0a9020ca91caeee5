"""Makes pseudo-pairs: photos at a style's working scale, each with a teacher's drawing of it.

pairs/
    photo/NAME.png  drawn/NAME.png     matched by name
    split.json                         which names train and which are held out
"""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from nijigan.core import teachers
from nijigan.core.atomic import write_atomically
from nijigan.core.datasets.photos import find_photos, refuse_inside
from nijigan.core.datasets.recolored import RecoloredCopy, is_recolored
from nijigan.core.datasets.split import Split, is_held_out, refuse_another
from nijigan.core.datasets.working_copy import (
    Scales,
    WorkingCopy,
    check_names,
    working_copies,
)
from nijigan.core.errors import DataError, ImageError
from nijigan.core.images import Picture, write_picture

_ToDraw = WorkingCopy | RecoloredCopy


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
    photos: Path, out: Path, settings: PairSettings, jobs: int = 1, began_with: str = ""
) -> Iterator[tuple[int, int]]:
    """Draw every photo below `photos` and write the pairs; yields (done, all) as it goes.

    A share of what trains is drawn once more, recolored: `NAME-recolored`.

    Pairs that are there already are kept, so an interrupted run goes on where it stopped.

    Args:
        photos: folder of photos, taken with its subfolders.
        out: folder of pairs.
        settings: how they are drawn.
        jobs: photos drawn at once, each by a process.
        began_with: hash of the split that a run began with: any other is refused.

    Raises:
        DataError: no photos, all of them too small, two that would have one name; `out` is among
            the photos, or has pairs that were made with other settings; or a process that draws
            was killed.
        ImageError: a photo that cannot be read, or whose drawing is not finite; it names it.
        UsageError: no such teacher, or one of a file that fails.
    """
    refuse_inside(out, photos)
    pictures, split = _chosen(photos, settings)
    teacher = repr(teachers.create(settings.teacher))
    made_with = _made_with(settings, teacher)
    split_file = out / "split.json"
    _refuse_other_settings(split_file, made_with)
    refuse_another(split, began_with, out)
    for folder in (out / "photo", out / "drawn"):
        folder.mkdir(parents=True, exist_ok=True)
    _write_split(split_file, split, made_with)
    todo = [each for each in pictures if not (out / "drawn" / f"{each.name}.png").exists()]
    yield len(pictures) - len(todo), len(pictures)
    make_pair = partial(_make_pair, out=out, name=settings.teacher, described=teacher)
    for count in _drawn(make_pair, todo, jobs):
        yield len(pictures) - len(todo) + count, len(pictures)


def _chosen(photos: Path, settings: PairSettings) -> tuple[list[_ToDraw], Split]:
    """Return what is drawn, and on which side each is."""
    copies = working_copies(find_photos(photos), settings.scales)
    split = divided(copies, settings.held_out)
    trains = set(split.train)
    recolored = [
        RecoloredCopy(copy)
        for copy in copies
        if copy.name in trains and is_recolored(copy.name, settings.recolored)
    ]
    pictures: list[_ToDraw] = [*copies, *recolored]
    check_names(picture.name for picture in pictures)
    return pictures, replace(split, train=(*split.train, *(each.name for each in recolored)))


def _drawn(
    make_pair: Callable[[_ToDraw], None], todo: Sequence[_ToDraw], jobs: int
) -> Iterator[int]:
    """Make pairs, each by another process; yields how many are made."""
    # New processes and not copies of this one: what a teacher has on a GPU cannot be copied.
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        try:
            for count, _ in enumerate(pool.map(make_pair, todo), start=1):
                yield count
        except BrokenProcessPool as error:
            raise DataError(
                f"A process that drew was killed, one of {jobs}: memory may have been short.",
                "The same command goes on; --jobs 1 takes the least memory.",
            ) from error


@cache
def _teacher(name: str, described: str) -> teachers.Teacher:
    """Return the teacher, once in each process: one of a file may load a network of its own."""
    teacher = teachers.create(name)
    if repr(teacher) != described:
        raise DataError(
            f"The teacher '{name}' was edited while pairs were drawn.", "Name a new folder."
        )
    return teacher


def _make_pair(source: _ToDraw, out: Path, name: str, described: str) -> None:
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
