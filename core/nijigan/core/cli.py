"""The `nijigan` command: loads each portion's verbs; an error is one line and an exit code."""

import signal
import sys
from importlib.metadata import entry_points, version
from typing import Annotated

import typer

from nijigan.core.errors import NijiganError


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nijigan {version('nijigan')}")
        raise typer.Exit


def build_app() -> typer.Typer:
    """The whole command, with the verbs of every portion (entry-point group `nijigan.commands`).

    Each portion's `register(app)` adds its verbs and imports nothing heavy; the work is imported by
    the verb that needs it, so `nijigan --help` stays fast and runs without torch.
    """
    app = typer.Typer(
        name="nijigan",
        help="Draw a photo or a render anew: stylize, serve, train, export, bench.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )

    @app.callback()
    def options(
        show_version: Annotated[
            bool,
            typer.Option("--version", callback=_print_version, is_eager=True, help="Show it."),
        ] = False,
        debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    ) -> None:
        del show_version, debug  # read by the callback and by main()

    for entry in sorted(entry_points(group="nijigan.commands"), key=lambda entry: entry.name):
        entry.load()(app)
    return app


def main(arguments: list[str] | None = None) -> None:
    """Run the command. Exit codes: 0 ok, 1 failed check, 2 usage, 3 missing extra or file."""
    arguments = sys.argv[1:] if arguments is None else arguments
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leaves no partial file, as Ctrl-C
    try:
        build_app()(arguments)
    except (NijiganError, OSError) as error:
        if "--debug" in arguments:
            raise
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code if isinstance(error, NijiganError) else 3)
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
        sys.exit(130)
