"""The verb `compare`."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nijigan.core.print_table import print_table

if TYPE_CHECKING:
    from nijigan.server.compare import Difference


def compare(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Two or more of SOURCE or SOURCE@ENGINE: a style with onnxruntime, openvino, …; "
            "a run, a checkpoint or a network with torch or exact."
        ),
    ],
    photos: Annotated[
        Path | None,
        typer.Option(
            envvar="NIJIGAN_PHOTOS",
            help="A photo, or a folder of them. Two come along.",
        ),
    ] = None,
    count: Annotated[
        int, typer.Option(help="Draw so many of the folder's photos, spread evenly.", min=1)
    ] = 3,
    size: Annotated[
        str, typer.Option(help="Resize photos to it, 512x512; `own` leaves them as they are.")
    ] = "256x256",
    quality: Annotated[str, typer.Option(help="Of the styles: draft, normal or fine.")] = "normal",
    strength: Annotated[float, typer.Option(help="0 to 1.")] = 1.0,
    tolerance: Annotated[
        float | None,
        typer.Option(
            help="Fail if any value differs by more, of values in -1 to 1: an 8-bit level is "
            "0.0078."
        ),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Threads to draw with; all cores if not given.", min=1)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Draw the same photos with several engines, styles or checkpoints; tell how they differ.

    The first one is what the others are compared with. A checkpoint uses the solver that the first
    style has for the quality, so that only what export did differs; SOURCE@exact solves its ODE by
    a tight adaptive one.
    """
    from dataclasses import asdict

    from nijigan.core.errors import CheckFailedError
    from nijigan.core.progress_bar import progress_bar
    from nijigan.server.compare import compare as run
    from nijigan.server.sizes import parse_size
    from nijigan.server.stylizer import Settings, check_settings
    from nijigan.server.subjects import open_subjects

    check_settings(Settings("", strength, quality))
    wanted = None if size == "own" else parse_size(size)
    with _photos(photos, count) as chosen:
        subjects = open_subjects(sources, quality, threads)
        with progress_bar() as progress:
            rows = run(subjects, chosen, wanted, strength, progress)
        names = [photo.name for photo in chosen]
    if as_json:
        report: dict[str, object] = {"reference": subjects[0].name, "photos": names, "size": size}
        report |= {"quality": quality, "strength": strength, "rows": [asdict(row) for row in rows]}
        typer.echo(json.dumps(report, indent=1))
    else:
        typer.echo(f"against {subjects[0].name}, {len(names)} photos, {size}, strength {strength}")
        _print_table(rows)
    for row in rows:
        if tolerance is not None and not row.max_abs <= tolerance:
            raise CheckFailedError(
                f"{row.name} differs from {subjects[0].name} by {row.max_abs:.2g} on {row.worst}, "
                f"more than {tolerance:g}.",
                "Look at that photo's drawings.",
            )


@contextmanager
def _photos(path: Path | None, count: int) -> Iterator[Sequence[Path]]:
    from nijigan.core.datasets.photos import find_photos
    from nijigan.core.spread import spread
    from nijigan.export.photos import bundled_photos

    if path is None:
        with bundled_photos() as bundled:
            yield bundled
    elif path.is_dir():
        yield spread([photo.photo for photo in find_photos(path)], count)
    else:
        yield [path]


def _print_table(rows: "Sequence[Difference]") -> None:
    from rich.table import Table

    headings = ("", "max", "mean", "p99", "PSNR", "8-bit values changed", "worst on")
    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        errors = (f"{error:.1e}" for error in (row.max_abs, row.mean_abs, row.p99_abs))
        table.add_row(
            row.name, *errors, f"{row.psnr_db:.1f} dB", f"{100 * row.changed:.2f} %", row.worst
        )
    print_table(table)
