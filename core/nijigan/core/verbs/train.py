"""The verb `train`."""

import math
import os
from pathlib import Path
from typing import Annotated

import typer

from nijigan.core.lazy import needs_extra


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
    hours: Annotated[
        float | None,
        typer.Option(min=0, help="Save and stop after so long; the same command goes on."),
    ] = None,
) -> None:
    """Train a network on pictures; Ctrl-C saves and exits with 130, the same command goes on."""
    with needs_extra("train"):
        from nijigan.core.config import load_recipe, with_folder
        from nijigan.core.training.loop import train as train_recipe

        resolved = with_folder(load_recipe(recipe, tuple(overrides or ())), str(data))
        seconds = math.inf if hours is None else 3600 * hours
        trained = train_recipe(
            resolved, out, resume, lambda line: typer.echo(line, err=True), seconds
        )
    # Of several processes one speaks.
    if trained.checkpoint is not None and os.environ.get("RANK", "0") == "0":
        typer.echo(trained.checkpoint)
    if trained.interrupted:
        raise typer.Exit(130)
