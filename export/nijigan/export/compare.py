"""Proves exported graphs equal to their generator, on photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nijigan.core.errors import CheckFailedError, DataError
from nijigan.core.images import from_tensor, pad_to_multiple, read_picture, resize, to_tensor
from nijigan.core.metrics.psnr import tensor_psnr
from nijigan.core.metrics.ssim import ssim
from nijigan.core.models import Generator
from nijigan.core.ode import Solver
from nijigan.export.exact import EXACT
from nijigan.export.precision import Precision
from nijigan.export.runtime import open_session, run_graph
from nijigan.export.style import Parity

F32 = NDArray[np.float32]

SIZES = ((256, 256), (517, 301), (720, 1280))
"""Height and width of the pictures compared: square, odd and narrow, and a video frame."""

_LARGE = 512 * 512
_STRENGTHS = (1.0, 0.5, 0.0)


@dataclass(frozen=True)
class Subject:
    """A graph and the generator with the solver that it must equal."""

    quality: str
    graph: Path
    generator: Generator
    solver: Solver
    precision: str = "fp32"


def compare(subject: Subject, photos: Sequence[Path]) -> list[Parity]:
    """Measure one graph against its generator at every size of `SIZES`, over the photos.

    The generator runs as it was trained: no folding, no unrolling. `max_abs` is the largest
    difference of any value; `psnr_db` (peak 2) is over all of them; `ssim` is the mean over the
    pictures, in 8 bits. The photos and the strengths 1, 0.5 and 0 take turns until each was
    there; at sizes above 512×512, beside smaller ones, it is the first photo at strength 1 alone. A
    generator of one size is compared at that size.
    `ode_psnr_db` is the graph against a tight adaptive solve at strength 1, at the first size.

    Raises:
        DataError: no photos.
    """
    if not photos:
        raise DataError("There are no photos to compare on.", "Name a folder of photos.")
    session = open_session(subject.graph, subject.precision)
    rows = []
    side = subject.generator.fixed_size
    sizes = SIZES if side is None else ((side, side),)
    for height, width in sizes:
        # A large network takes minutes for large pictures; one of them shows as much as three.
        few = 1 if height * width > _LARGE and len(sizes) > 1 else None
        images = [
            photo_tensor(path, height, width, subject.generator.input_multiple)
            for path in photos[:few]
        ]
        pairs = [
            (run_graph(session, image, strength), _draw(subject, image, strength, subject.solver))
            for image, strength in _in_turn(images, _STRENGTHS[:few])
        ]
        ode = None
        if (height, width) == sizes[0] and subject.generator.solver is not None:
            exact = [_draw(subject, image, 1.0, EXACT) for image in images]
            drawn = [run_graph(session, image, 1.0) for image in images]
            ode = _psnr(list(zip(drawn, exact, strict=True)))
        rows.append(
            Parity(
                quality=subject.quality,
                size=f"{width}x{height}",
                max_abs=max(float(np.abs(a - b).max()) for a, b in pairs),
                psnr_db=_psnr(pairs),
                ode_psnr_db=ode,
                ssim=float(np.mean([ssim(from_tensor(a), from_tensor(b)) for a, b in pairs])),
            )
        )
    return rows


def _in_turn(images: Sequence[F32], strengths: Sequence[float]) -> list[tuple[F32, float]]:
    """Return each picture with a strength and each strength with a picture."""
    count = max(len(images), len(strengths))
    return [(images[i % len(images)], strengths[i % len(strengths)]) for i in range(count)]


def check(rows: Sequence[Parity], precision: Precision) -> None:
    """Refuse graphs that differ from their generator by more than their precision explains.

    Raises:
        CheckFailedError: a row is past what is allowed, or not a number.
    """
    for row in rows:
        if not precision.allows(row):
            raise CheckFailedError(
                f"The graph '{row.quality}' differs from its generator by {row.max_abs:.2g} at "
                f"{row.size}, {row.psnr_db:.1f} dB; {precision.name} may by "
                f"{precision.most_max_abs:g}, and no less than {precision.least_psnr_db:g} dB.",
                "Use a higher precision, or calibrate on more photos of the kind to be drawn; in "
                "fp32, report this with the checkpoint.",
            )


def photo_tensor(path: Path, height: int, width: int, multiple: int) -> F32:
    """Return a photo resized and reflected up to a multiple: `(1, 3, H, W)` in [-1, 1]."""
    return to_tensor(pad_to_multiple(resize(read_picture(path).rgb, width, height), multiple))


def _draw(subject: Subject, image: F32, strength: float, solver: Solver) -> F32:
    own = subject.generator.solver
    subject.generator.set_solver(solver)
    try:
        with torch.no_grad():
            drawn: F32 = subject.generator(torch.from_numpy(image), strength).numpy()
            return drawn
    finally:
        if own is not None:
            subject.generator.set_solver(own)


def _psnr(pairs: Sequence[tuple[F32, F32]]) -> float:
    return tensor_psnr(float(np.mean([np.mean((a.astype(np.float64) - b) ** 2) for a, b in pairs])))
