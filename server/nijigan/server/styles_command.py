"""The verbs `styles list` and `styles show`."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nijigan.core.print_table import print_table

if TYPE_CHECKING:
    from rich.table import Table

    from nijigan.export.style import Style

app = typer.Typer(help="Show the styles that are installed.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_styles(as_json: AsJson = False) -> None:
    """List the styles that are installed, and say which folders cannot be read."""
    from nijigan.export.styles import StyleLibrary, default_folders

    library = StyleLibrary(default_folders())
    styles = library.all()
    if as_json:
        typer.echo(json.dumps([_summary(style) for style in styles], indent=1))
    elif styles:
        print_table(_list_table(styles))
    else:
        typer.echo("No style is installed.", err=True)
    for error in library.broken():
        typer.echo(f"error: {error}", err=True)


@app.command("show")
def show_style(
    style: Annotated[str, typer.Argument(help="A style's name, or the path of its folder.")],
    as_json: AsJson = False,
) -> None:
    """Show one style, its files verified: what it is, what was measured, what it is bad at."""
    from nijigan.export.styles import find_style

    library, name = find_style(style)
    found = library.get(name)
    if as_json:
        data = json.loads((found.folder / "style.json").read_bytes())
        typer.echo(json.dumps({"folder": str(found.folder), **data}, indent=1))
    else:
        print_table(_style_table(found))
        print_table(_quality_table(found))


def _summary(style: "Style") -> dict[str, Any]:
    return {
        "name": style.name,
        "version": style.version,
        "title": style.title,
        "description": style.description,
        "license": style.license,
        "folder": str(style.folder),
    }


def _list_table(styles: list["Style"]) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table("name", "version", "license", "description", box=None, pad_edge=False)
    for style in styles:
        cells = (style.name, style.version, style.license, style.description)
        table.add_row(*(escape(cell) for cell in cells))
    return table


def _style_table(style: "Style") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for key, value in {
        "name": f"{style.name} {style.version}",
        "title": style.title,
        "description": style.description,
        "license": style.license,
        "method": style.method,
        "generator": f"{style.generator.get('name')}, {style.generator.get('parameters')} weights",
        "precision": style.precision,
        "strength": style.strength,
        "scale": _scale(style),
        "training": "\n".join(f"{key}: {value}" for key, value in style.training.items()),
        "limits": "\n".join(style.limits),
        "folder": str(style.folder),
    }.items():
        table.add_row(key, escape(value))
    return table


def _scale(style: "Style") -> str:
    if style.fixed_size is not None:
        return f"{style.fixed_size}x{style.fixed_size} px alone, to and from which it resizes"
    return f"{style.scale.working_short_side} px, larger pictures {style.scale.auto}"


def _quality_table(style: "Style") -> "Table":
    """Each quality, with the worst of its measured parity."""
    from rich.table import Table

    table = Table(
        "quality", "solver", "steps", "reach", "max error", "PSNR", "to the exact ODE",
        box=None, pad_edge=False,
    )  # fmt: skip
    for name, quality in style.qualities.items():
        rows = style.parity_of(name)
        ode = [row.ode_psnr_db for row in rows if row.ode_psnr_db is not None]
        table.add_row(
            name,
            quality.solver,
            str(quality.steps),
            f"{quality.radius_px} px",
            f"{max(row.max_abs for row in rows):.1e}" if rows else "",
            f"{min(row.psnr_db for row in rows):.1f} dB" if rows else "",
            f"{min(ode):.1f} dB" if ode else "",
        )
    return table
