"""The verb `eval`, and what is under it."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from nijigan.core.lazy import needs_extra
from nijigan.core.print_table import print_table
from nijigan.core.progress_bar import progress_bar
from nijigan.core.verbs.default_command import DefaultCommand
from nijigan.core.verbs.eval_options import AsJson, Data, Direction, Features, Metrics, Weights
from nijigan.core.verbs.eval_table import table
from nijigan.core.verbs.mos import app as mos
from nijigan.core.verbs.solvers import solvers

if TYPE_CHECKING:  # it needs torch
    from nijigan.core.evaluation.evaluate import Evaluation

app = typer.Typer(
    cls=DefaultCommand,
    help="Measure drawings: nijigan eval SOURCE --data FOLDER, and what is below.",
    no_args_is_help=True,
)


@app.command()
def measure(
    source: Annotated[
        str,
        typer.Argument(help="A run, a checkpoint, a style, teacher:NAME, or a folder of drawings."),
    ],
    data: Data,
    direction: Direction = "AtoB",
    metrics: Metrics = "",
    features: Features = "mobilenet_v2",
    weights: Weights = None,
    strength: Annotated[float, typer.Option(help="0 is the photo, 1 is fully drawn.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Measure drawings of held-out photos against what they should be, beside the photo itself.

    Pairs: psnr, ssim, mse and flatness if no metrics are asked for, against each photo's own
    drawing; unpaired pictures: kid, against all held-out drawings.
    """
    with needs_extra("train"):
        from nijigan.core.drawers import Drawer, check_strength
        from nijigan.core.evaluation.drawn_folder import drawing_with, open_source
        from nijigan.core.evaluation.evaluate import evaluate
        from nijigan.core.evaluation.held_out import HeldOut
        from nijigan.core.evaluation.measures import PAIRED, UNPAIRED, make_measures, parse_weights
        from nijigan.core.evaluation.report import leak_warnings

        check_strength(strength)
        held_out = HeldOut(data, direction)
        drawer = open_source(source)
        names = metrics.split(",") if metrics else PAIRED if held_out.matched else UNPAIRED
        with progress_bar() as show:
            measures = make_measures(names, features.split(","), parse_weights(weights or []), show)
            drawings = {drawer.name: drawing_with(drawer, strength)}
            result = evaluate(drawings, held_out, measures, show)
        if isinstance(drawer, Drawer):
            for warning in leak_warnings({drawer.name: drawer.network}, held_out.split_sha256):
                typer.echo(warning, err=True)
    if as_json:
        about = {"data": str(data), "strength": strength}
        typer.echo(json.dumps(about | result.as_json(), indent=1))
    else:
        _print(result)


app.command()(table)
app.command()(solvers)
app.add_typer(mos, name="mos")


def _print(result: "Evaluation") -> None:
    from rich.table import Table

    from nijigan.core.evaluation.report import about, heading, interval_text, notes, value_text

    shown = Table("", "", box=None, pad_edge=False)
    shown.add_column("mean ± spread", justify="right")
    shown.add_column("95 %", justify="right")
    for figure in result.figures:
        for number, (name, estimate) in enumerate(figure.values.items()):
            values = value_text(figure, estimate), interval_text(figure, estimate)
            shown.add_row("" if number else heading(figure), name, *values)
    typer.echo(about(result))
    print_table(shown)
    for note in notes(result):
        typer.echo(note)
