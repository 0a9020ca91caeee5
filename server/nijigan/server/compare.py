"""Draws the same photos with several engines, styles or checkpoints, and says how they differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import lcm
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import DataError, UsageError
from nijigan.core.images import from_tensor, pad_to_multiple, read_picture, resize, to_tensor
from nijigan.core.metrics.psnr import tensor_psnr

F32 = NDArray[np.float32]

"""Of pictures that are equal, where float32 has no more to say."""


class Subject(Protocol):
    """One of those that are compared."""

    name: str
    input_multiple: int
    fixed_size: int | None

    def draw(self, image: F32, strength: float) -> F32:
        """Draw `(1, 3, H, W)` in [-1, 1]; the result has the same shape."""
        ...


@dataclass(frozen=True)
class Difference:
    """How one subject's drawings differ from the first one's, over all photos.

    Of values in [-1, 1]: 8-bit levels are 1/127.5 apart.
    """

    name: str
    max_abs: float
    mean_abs: float
    p99_abs: float
    """99 in 100 values differ by no more."""
    psnr_db: float
    """Peak 2; 200 where they are equal."""
    changed: float
    """Share of the values that are another one in 8 bits."""
    worst: str
    """The photo with the largest difference."""


def compare(
    subjects: Sequence[Subject],
    photos: Sequence[Path],
    size: tuple[int, int] | None,
    strength: float,
    progress: Callable[[float, str], None] = lambda _done, _what: None,
) -> list[Difference]:
    """Return how each subject but the first differs from the first.

    Args:
        subjects: two or more.
        photos: what they draw.
        size: width and height that photos are resized to; None: their own. Either is reflected up
            to what all subjects take; where one draws a single size, all draw that.
        strength: 0…1.
        progress: told the part that is done and the photo's name.

    Raises:
        UsageError: fewer than two subjects, or two that draw different single sizes.
        DataError: no photos.
        EngineError: a subject failed.
    """
    if len(subjects) < 2:
        raise UsageError("There is nothing to compare with.", "Name two or more.")
    if not photos:
        raise DataError("There are no photos to compare on.", "Name a folder of photos.")
    side = _fixed_size(subjects)
    multiple = lcm(*(subject.input_multiple for subject in subjects))
    differences: list[list[F32]] = [[] for _ in subjects[1:]]
    changed: list[list[float]] = [[] for _ in subjects[1:]]
    for number, photo in enumerate(photos):
        progress(number / len(photos), photo.name)
        image = _image(photo, size if side is None else (side, side), multiple)
        first = subjects[0].draw(image, strength)
        for subject, found, share in zip(subjects[1:], differences, changed, strict=True):
            drawn = subject.draw(image, strength)
            found.append(np.abs(drawn - first).ravel())
            share.append(float(np.mean(from_tensor(drawn) != from_tensor(first))))
    progress(1.0, "done")
    return [
        _difference(subject.name, found, float(np.mean(share)), photos)
        for subject, found, share in zip(subjects[1:], differences, changed, strict=True)
    ]


def _fixed_size(subjects: Sequence[Subject]) -> int | None:
    sides = {subject.fixed_size for subject in subjects} - {None}
    if len(sides) > 1:
        raise UsageError(
            f"They draw pictures of {' and '.join(map(str, sorted(filter(None, sides))))} pixels "
            "alone.",
            "Compare those that draw the same size.",
        )
    return next(iter(sides), None)


def _image(photo: Path, size: tuple[int, int] | None, multiple: int) -> F32:
    rgb = read_picture(photo).rgb
    return to_tensor(pad_to_multiple(rgb if size is None else resize(rgb, *size), multiple))


def _difference(name: str, found: list[F32], changed: float, photos: Sequence[Path]) -> Difference:
    largest = [float(each.max()) for each in found]
    values = np.concatenate(found)
    error = float(np.square(values, dtype=np.float64).mean())
    return Difference(
        name=name,
        max_abs=max(largest),
        mean_abs=float(values.mean(dtype=np.float64)),
        p99_abs=float(np.percentile(values, 99)),
        psnr_db=tensor_psnr(error),
        changed=changed,
        worst=photos[int(np.argmax(largest))].name,
    )
