"""The verbs `styles list`, `styles show` and `styles new`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nijigan.core.errors import UsageError
from nijigan.core.lazy import needs_extra
from nijigan.core.print_table import print_table
from nijigan.core.user_data import data_dir

if TYPE_CHECKING:
    from rich.table import Table

    from nijigan.export.style import Style
    from nijigan.export.styles import StyleLibrary

app = typer.Typer(
    help="Show the styles that are installed, and make new ones.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_styles(as_json: AsJson = False) -> None:
    """List the styles that are installed, and say which folders cannot be read."""
    from nijigan.export.styles import StyleLibrary, default_folders

    library = StyleLibrary(default_folders())
    styles = library.all()
    if as_json:
        rows = [_summary(style, library.precisions(style.name)) for style in styles]
        typer.echo(json.dumps(rows, indent=1))
    elif styles:
        print_table(_list_table(styles, library))
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
    found = _installed(style)
    if as_json:
        data = json.loads((found.folder / "style.json").read_bytes())
        typer.echo(json.dumps({"folder": str(found.folder), **data}, indent=1))
    else:
        print_table(_style_table(found))
        print_table(_quality_table(found))


@app.command("weights")
def write_style_weights(
    style: Annotated[str, typer.Argument(help="A style's name, or the path of its folder.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .safetensors file to write.")],
) -> None:
    """Write a style's weights as a checkpoint, for `train --set train.begin=FILE` to begin with."""
    with needs_extra("export"):
        from nijigan.core.toml_text import toml_text
        from nijigan.export.style_weights import write_weights

        found = _installed(style)
        config = write_weights(found, out)
    typer.echo(toml_text({"model": {"name": found.generator["name"], **config}}), nl=False)


def _installed(name: str) -> "Style":
    from nijigan.export.styles import find_style

    library, own = find_style(name)
    return library.get(own)


@app.command("new")
def new_style(
    name: Annotated[str, typer.Argument(help="Of the style: a-z, 0-9 and _.")],
    photos: Annotated[
        Path,
        typer.Argument(
            help="Folder of photos of what will be drawn; hundreds. Taken with its subfolders.",
            envvar="NIJIGAN_PHOTOS",
        ),
    ],
    teacher: Annotated[
        str,
        typer.Option(
            help="Who draws each photo for it: a Python file with a function draw(photo), or cel, "
            "daylight or ink."
        ),
    ] = "",
    drawings: Annotated[
        Path | None,
        typer.Option(help="Instead: a folder of pictures in the style, of anything."),
    ] = None,
    card: Annotated[
        Path | None,
        typer.Option(help="A TOML file with title, license, limits and so on: docs/own-style.md."),
    ] = None,
    recipe: Annotated[
        str, typer.Option(help="Another recipe than the one that fits: a TOML file or a name.")
    ] = "",
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="section.key=value of the recipe, as often as wanted."),
    ] = None,
    begin_with: Annotated[
        str,
        typer.Option(
            help="A style that draws somewhat like the new one, to learn on from: takes a part of "
            "the steps."
        ),
    ] = "",
    work: Annotated[
        Path | None,
        typer.Option(
            help="Folder for pictures and checkpoints; making/NAME in the data directory if not "
            "given."
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a style of that name.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Photos drawn at once.")] = 2,
) -> None:
    """Make a style of your own; takes hours. After Ctrl-C the same command goes on."""
    with needs_extra("export"):
        from nijigan.export.card import load_card
        from nijigan.export.new_style import (
            Lesson,
            Making,
            begun_with,
            default_recipe,
            make_style,
            own_card,
            usable_photos,
        )

        lesson = Lesson(photos, teacher, drawings)
        chosen = default_recipe(lesson, recipe, tuple(overrides or ()))
        own = own_card(name, lesson, usable_photos(lesson, chosen), chosen.data.license)
        folder, place = work or data_dir() / "making" / name, _place(name, replace)
        if begin_with:
            chosen = begun_with(_installed(begin_with), chosen, folder)
        making = Making(
            lesson,
            chosen,
            folder,
            place,
            own if card is None else load_card(str(card)),
            jobs,
        )
        if making.card.name != name:
            raise UsageError(
                f"The card's name is '{making.card.name}', the style's '{name}'.",
                "Give both the same.",
            )
        typer.echo(f"Pictures and checkpoints: {making.work}", err=True)
        style = make_style(making, lambda line: typer.echo(line, err=True))
    if style is None:
        raise typer.Exit(130)
    typer.echo(style.folder)


def _place(name: str, replace: bool) -> Path:
    """Return the folder of a new style, in the data directory."""
    from nijigan.export.styles import StyleLibrary, default_folders

    if not replace and name in StyleLibrary(default_folders()).names():
        raise UsageError(
            f"There is a style '{name}' already.",
            "Name the new one otherwise, or say --replace.",
        )
    return data_dir() / "styles" / name


def _summary(style: "Style", precisions: list[str]) -> dict[str, Any]:
    return {
        "name": style.name,
        "precisions": [style.precision, *precisions],
        "version": style.version,
        "title": style.title,
        "description": style.description,
        "license": style.license,
        "folder": str(style.folder),
    }


def _list_table(styles: list["Style"], library: "StyleLibrary") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        "name", "version", "precisions", "license", "description", box=None, pad_edge=False
    )
    for style in styles:
        precisions = ", ".join([style.precision, *library.precisions(style.name)])
        cells = (style.name, style.version, precisions, style.license, style.description)
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
    if style.scale.auto == "native":
        return "native"
    working = style.scale.working_short_side
    return f"{working} px for larger pictures, {working // 2} px for those below that"


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
