"""The verbs of `server`."""

import typer

from nijigan.server.avatar_command import avatar
from nijigan.server.bench_command import app as bench
from nijigan.server.compare_command import compare
from nijigan.server.doctor_command import doctor
from nijigan.server.inspect_command import inspect
from nijigan.server.serve_command import serve
from nijigan.server.stylize_command import stylize


def register(app: typer.Typer) -> None:
    """Add this portion's verbs."""
    app.command()(stylize)
    app.command()(avatar)
    app.command()(serve)
    app.add_typer(bench, name="bench")
    app.command()(compare)
    app.command()(inspect)
    app.command()(doctor)
