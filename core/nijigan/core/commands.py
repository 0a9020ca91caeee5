"""The verbs of `core`."""

import typer

from nijigan.core.verbs.data import app as data_app
from nijigan.core.verbs.eval import app as evaluation
from nijigan.core.verbs.import_checkpoint import import_checkpoint
from nijigan.core.verbs.models import app as models
from nijigan.core.verbs.nst import nst
from nijigan.core.verbs.pairs import app as pairs
from nijigan.core.verbs.train import train


def register(app: typer.Typer) -> None:
    """Add this portion's verbs."""
    app.command()(train)
    app.add_typer(data_app, name="data")
    app.add_typer(pairs, name="pairs")
    app.add_typer(models, name="models")
    app.add_typer(evaluation, name="eval")
    app.command("import")(import_checkpoint)
    app.command()(nst)
