"""Measures drawings of held-out photos against a teacher's, beside the photo itself (the no-op)."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.errors import DataError
from nijigan.core.images import read_picture
from nijigan.core.metrics.flatness import flatness
from nijigan.core.metrics.psnr import psnr
from nijigan.core.metrics.ssim import ssim
from nijigan.core.pair import find_picture, read_pair
from nijigan.core.split import read_split


@dataclass(frozen=True)
class Evaluation:
    """Means over the pictures. PSNR in dB and SSIM are against the teacher's drawing."""

    pictures: int
    split_sha256: str
    psnr_db: float
    psnr_spread_db: float
    """Standard deviation over the pictures."""
    no_op_psnr_db: float
    ssim: float
    no_op_ssim: float
    flatness: float
    teacher_flatness: float
    photo_flatness: float


def evaluate(
    drawings: Path, pairs: Path, progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """Compare the drawing of every held-out photo with the one of that name in `pairs/drawn`.

    Raises:
        DataError: a drawing is missing or of another size, `pairs` is not a folder of pairs, or no
            photo is held out.
        ImageError: a picture cannot be read.
    """
    split = read_split(pairs)
    if not split.held_out:
        raise DataError(
            f"'{pairs}' has no held-out photos to measure.",
            "Make pairs with a larger --held-out, or name some in 'val' of split.json.",
        )
    rows = []
    for count, row in enumerate(_measure(drawings, pairs, split.held_out), start=1):
        rows.append(row)
        if progress:
            progress(count, len(split.held_out))
    columns = list(zip(*rows, strict=True))
    means = [statistics.fmean(column) for column in columns]
    return Evaluation(
        pictures=len(rows),
        split_sha256=split.sha256,
        psnr_db=means[0],
        psnr_spread_db=_spread(columns[0]),
        no_op_psnr_db=means[1],
        ssim=means[2],
        no_op_ssim=means[3],
        flatness=means[4],
        teacher_flatness=means[5],
        photo_flatness=means[6],
    )


def _spread(values: Sequence[float]) -> float:
    """Standard deviation; infinite where a value is (a drawing that equals the teacher's)."""
    return statistics.pstdev(values) if all(map(math.isfinite, values)) else math.inf


def _measure(drawings: Path, pairs: Path, names: Sequence[str]) -> Iterator[tuple[float, ...]]:
    for name in names:
        remedy = "Stylize the photos that 'nijigan pairs held-out' lists."
        path = find_picture(drawings, name, remedy)
        drawn, pair = read_picture(path).rgb, read_pair(pairs, name)
        photo, teacher = pair.photo, pair.drawn
        if drawn.shape != teacher.shape:
            raise DataError(
                f"'{path}' is {drawn.shape[1]}x{drawn.shape[0]}, its pair "
                f"{teacher.shape[1]}x{teacher.shape[0]}.",
                "Stylize the pairs' own photos.",
            )
        yield (
            psnr(drawn, teacher),
            psnr(photo, teacher),
            ssim(drawn, teacher),
            ssim(photo, teacher),
            flatness(drawn),
            flatness(teacher),
            flatness(photo),
        )
