"""The verbs of `core`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from nijigan.core.data_command import app as data_app
from nijigan.core.eval_command import app as evaluation
from nijigan.core.import_command import import_checkpoint
from nijigan.core.lazy import needs_extra
from nijigan.core.models_command import app as models
from nijigan.core.nst_command import nst
from nijigan.core.pairs_command import app as pairs


def register(app: typer.Typer) -> None:
    """Add this portion's verbs."""
    app.command()(train)
    app.add_typer(data_app, name="data")
    app.add_typer(pairs, name="pairs")
    app.add_typer(models, name="models")
    app.add_typer(evaluation, name="eval")
    app.command("import")(import_checkpoint)
    app.command()(nst)


def train(
    recipe: Annotated[
        str, typer.Argument(help="A TOML file, or the name of a recipe that comes along.")
    ],
    data: Annotated[Path, typer.Option(help="Folder of pictures: photo/, drawn/.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Run folder.")],
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="section.key=value, as often as wanted.")
    ] = None,
    resume: Annotated[
        str, typer.Option(help="auto: go on where the folder's run is; never.")
    ] = "auto",
) -> None:
    """Train a network on pictures; Ctrl-C saves, the same command goes on."""
    with needs_extra("train"):
        from nijigan.core.config import load_recipe, with_folder
        from nijigan.core.training.loop import train as train_recipe

        resolved = with_folder(load_recipe(recipe, tuple(overrides or ())), str(data))
        folder = train_recipe(resolved, out, resume, lambda line: typer.echo(line, err=True))
    if os.environ.get("RANK", "0") == "0":  # of several processes one speaks
        typer.echo(folder)
