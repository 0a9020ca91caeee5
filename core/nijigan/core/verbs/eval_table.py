"""The verb `eval table`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from nijigan.core.errors import OutputError
from nijigan.core.lazy import needs_extra
from nijigan.core.progress_bar import progress_bar
from nijigan.core.verbs.eval_options import AsJson, Data, Direction, Features, Metrics, Weights

_METRICS = ("psnr", "ssim", "kid")
"""What pairs are measured by if nothing is asked for."""


def table(
    sources: Annotated[
        list[str],
        typer.Argument(help="Runs, checkpoints, styles, teacher:NAME, folders of drawings."),
    ],
    data: Data,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Markdown file to write; else it is printed.")
    ] = None,
    direction: Direction = "AtoB",
    metrics: Metrics = "",
    features: Features = "mobilenet_v2",
    weights: Weights = None,
    solvers: Annotated[
        str, typer.Option(help="Solve each run with these: euler:1,midpoint:1,rk4:1.")
    ] = "",
    ablation: Annotated[
        bool, typer.Option("--ablation", help="Show what differs between the runs' recipes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare any number of runs and styles: how they draw, and what it costs.

    Two tables: quality on the held-out pictures, with the photo itself as the no-op; parameters,
    multiply-accumulates, time for 5 and for 50 pictures of 256×256, peak memory.
    """
    with needs_extra("train"):
        from nijigan.core.atomic import write_atomically
        from nijigan.core.evaluation.held_out import HeldOut
        from nijigan.core.evaluation.measures import UNPAIRED, make_measures, parse_weights
        from nijigan.core.evaluation.report import leak_warnings
        from nijigan.core.evaluation.table import as_markdown, compare

        held_out = HeldOut(data, direction)
        names = metrics.split(",") if metrics else _METRICS if held_out.matched else UNPAIRED
        with progress_bar() as show:
            measures = make_measures(names, features.split(","), parse_weights(weights or []), show)
            chosen = solvers.split(",") if solvers else []
            comparison = compare(sources, chosen, held_out, measures, show)
        text = as_markdown(comparison, ablation)
        networks = {row.name: row.network for row in comparison.rows}
        for warning in leak_warnings(networks, held_out.split_sha256):
            typer.echo(warning, err=True)
    if out:
        try:
            write_atomically(out, text.encode())
        except OSError as error:
            raise OutputError(
                f"{out} cannot be written ({error.strerror}).", "Choose another place with -o."
            ) from error
    if as_json:
        typer.echo(json.dumps(comparison.as_json(), indent=1))
    else:
        typer.echo(out or text)
