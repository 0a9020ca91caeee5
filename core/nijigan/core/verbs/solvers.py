"""The verb `eval solvers`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nijigan.core.errors import UsageError
from nijigan.core.lazy import needs_extra
from nijigan.core.print_table import print_table
from nijigan.core.progress_bar import progress_bar

if TYPE_CHECKING:  # it needs torch
    from nijigan.core.evaluation.solver_study import SolverStudy


def solvers(
    checkpoint: Annotated[
        Path, typer.Argument(help="A run, a checkpoint folder or a .safetensors file.")
    ],
    photos: Annotated[
        Path, typer.Option(help="Folder of photos to draw.", envvar="NIJIGAN_PHOTOS")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for solvers.json, solvers.md, solvers.svg.")
    ],
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT that photos are cut to.")] = "256x256",
    count: Annotated[int, typer.Option(min=1, help="Draw so many of the photos at most.")] = 10,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads to draw with; all cores if not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare all solvers of a network: how exact, how many evaluations, how long.

    Exactness is against the ODE solved with tight tolerances in float64. On the CPU, in PyTorch;
    'nijigan bench' times exported styles.
    """
    width, _, height = size.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UsageError(f"--size {size} is no size.", "Write WIDTHxHEIGHT, 256x256, say.")
    with needs_extra("train"):
        import torch

        from nijigan.core.evaluation.solver_report import as_json as report
        from nijigan.core.evaluation.solver_report import write_report
        from nijigan.core.evaluation.solver_study import study_solvers

        if threads is not None:
            torch.set_num_threads(threads)
        with progress_bar() as show:
            study = study_solvers(checkpoint, photos, int(width), int(height), count, show)
        write_report(study, out)
    if as_json:
        typer.echo(json.dumps(report(study), indent=1))
    else:
        _print(study)


def _print(study: "SolverStudy") -> None:
    from rich.table import Table

    from nijigan.core.evaluation.solver_report import HEADINGS, cells

    table = Table(box=None, pad_edge=False)
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if number < 2 else "right")
    for row in study.rows:
        table.add_row(*cells(row))
    print_table(table)
