"""The verbs of `studio`."""

import typer

from nijigan.studio.studio_command import studio


def register(app: typer.Typer) -> None:
    """Add this portion's verbs."""
    app.command()(studio)
