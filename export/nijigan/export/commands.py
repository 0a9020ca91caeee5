"""The verbs of `export`."""

from pathlib import Path
from typing import Annotated

import typer

from nijigan.core.errors import UsageError
from nijigan.core.lazy import needs_extra


def register(app: typer.Typer) -> None:
    """Add this portion's verbs."""
    app.command()(export)


def export(
    source: Annotated[
        Path,
        typer.Argument(
            help="A run folder, a checkpoint folder (as `import` writes it) or a .safetensors file."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The style folder to write.")],
    card: Annotated[
        str | None,
        typer.Option(
            help="The style's card: a TOML file, or the name of one that comes along. Without one "
            "the style is named after its folder."
        ),
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option(
            envvar="NIJIGAN_PHOTOS",
            help="Photos to compare on; three are taken, spread evenly. Two come along.",
        ),
    ] = None,
    preview: Annotated[
        Path | None, typer.Option(help="The photo that the preview shows. One comes along.")
    ] = None,
    style_image: Annotated[
        Path | None,
        typer.Option(help="The picture to draw in the style of, for networks that take any."),
    ] = None,
    solver: Annotated[
        str,
        typer.Option(help="Use this solver for every quality, not the card's: rk4, say."),
    ] = "",
    steps: Annotated[int, typer.Option(help="Steps of --solver.")] = 1,
    target_psnr: Annotated[
        float | None,
        typer.Option(
            help="Use the cheapest solver that draws the photos so near, in dB, to the exact ODE."
        ),
    ] = None,
) -> None:
    """Make a style: ONNX graphs, proved equal to the generator on photos, with a model card."""
    with needs_extra("export"):
        from dataclasses import replace

        from nijigan.core.datasets.pairs import find_photos
        from nijigan.core.training.samples import spread
        from nijigan.export.card import default_card, load_card
        from nijigan.export.exporter import export_style
        from nijigan.export.photos import bundled_photos
        from nijigan.export.solver_choice import cheapest_solver
        from nijigan.export.source import open_source
        from nijigan.export.style import QUALITIES

        opened = open_source(source, style_image)
        chosen = default_card(out.name, opened.info) if card is None else load_card(card)
        if solver and target_psnr is not None:
            raise UsageError("--solver and --target-psnr exclude each other.", "Give one of them.")
        with bundled_photos() as bundled:
            found = bundled if photos is None else [pair.photo for pair in find_photos(photos)]
            shown = spread(found, 3)
            if target_psnr is not None:
                best = cheapest_solver(opened.generator, shown, target_psnr)
                solver, steps = best.solver.name, best.solver.steps
                typer.echo(f"{solver}, {steps} steps: {best.psnr_db:.1f} dB", err=True)
            if solver:
                chosen = replace(chosen, qualities={key: [solver, steps] for key in QUALITIES})
            style = export_style(
                opened,
                out,
                chosen,
                shown,
                preview or bundled[0],
                lambda line: typer.echo(line, err=True),
            )
    for row in style.parity:
        ode = "" if row.ode_psnr_db is None else f"  to the exact ODE {row.ode_psnr_db:.1f} dB"
        typer.echo(
            f"{row.quality:6}  {row.size:9}  max {row.max_abs:.1e}  {row.psnr_db:.1f} dB{ode}"
        )
    typer.echo(out)
