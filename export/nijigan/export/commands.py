"""The verbs of `export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nijigan.core.errors import UsageError
from nijigan.core.lazy import needs_extra
from nijigan.core.nearest import did_you_mean
from nijigan.export.styles_command import app as styles

if TYPE_CHECKING:
    from nijigan.export.style import Parity


def register(app: typer.Typer) -> None:
    """Add this portion's verbs."""
    app.command()(export)
    app.add_typer(styles, name="styles")


def export(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            help="A run folder, a checkpoint folder (as `import` writes it), a .safetensors file, "
            "a style, or the name of a network, whose weights are then random."
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
    precision: Annotated[
        str, typer.Option(help="What the graphs compute in: fp32, fp16, bf16 or int8.")
    ] = "fp32",
    calibration: Annotated[
        Path | None,
        typer.Option(
            help="For int8: photos of the kind that will be drawn; 16 are taken, spread evenly. "
            "Those to compare on if not given."
        ),
    ] = None,
    fixed_size: Annotated[
        int | None,
        typer.Option(help="Make graphs for squares of so many pixels alone; pictures are resized."),
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            help="What to write: a style; triton, a model repository; unity, an asset with graphs "
            "for its inference engine. The latter two of a style that is there already."
        ),
    ] = "style",
    check: Annotated[
        bool,
        typer.Option(
            help="Fail, and write nothing, where a graph differs from the generator by more than "
            "its precision explains."
        ),
    ] = True,
) -> None:
    """Make a style: ONNX graphs, proved equal to the generator on photos, with a model card."""
    with needs_extra("export"):
        from dataclasses import replace

        from nijigan.core.datasets.photos import find_photos
        from nijigan.core.spread import spread
        from nijigan.export.card import default_card, load_card
        from nijigan.export.exporter import Pictures, export_style
        from nijigan.export.one_size import OneSize
        from nijigan.export.photos import bundled_photos
        from nijigan.export.precision import precision_of
        from nijigan.export.solver_choice import cheapest_solver
        from nijigan.export.source import open_source
        from nijigan.export.style import QUALITIES

        options = _given(context)
        if to != "style":
            for path in _converted(source, out, to, options):
                typer.echo(path)
            return
        wanted = precision_of(precision)
        _check_together(options, wanted.name)
        opened = open_source(source, style_image)
        if solver and opened.generator.solver is None:
            raise UsageError(f"'{opened.info.name}' has no ODE to solve.", "Drop --solver.")
        if fixed_size is not None:
            opened = replace(opened, generator=OneSize(opened.generator, fixed_size))
        chosen = default_card(out.name, opened) if card is None else load_card(card)
        with bundled_photos() as bundled:
            found = bundled if photos is None else [pair.photo for pair in find_photos(photos)]
            given = found if calibration is None else [p.photo for p in find_photos(calibration)]
            pictures = Pictures(spread(found, 3), spread(given, 16), preview or bundled[0])
            if target_psnr is not None:
                best = cheapest_solver(opened.generator, pictures.compared, target_psnr)
                solver, steps = best.solver.name, best.solver.steps
                typer.echo(f"{solver}, {steps} steps: {best.psnr_db:.1f} dB", err=True)
            if solver:
                chosen = replace(chosen, qualities={key: [solver, steps] for key in QUALITIES})
            style = export_style(opened, out, chosen, pictures, wanted, check, _say)
    for row in style.parity:
        typer.echo(_line(row))
        if not wanted.allows(row):
            _say(f"warning: {wanted.name} alone does not explain that.")
    typer.echo(out)


def _given(context: typer.Context) -> dict[str, str]:
    """Return the options of the command line, as they are written, by the parameter's name."""
    return {
        parameter.name: "/".join((*parameter.opts[:1], *parameter.secondary_opts))
        for parameter in context.command.params
        if parameter.name and _comes_from(context, parameter.name) == "COMMANDLINE"
    }


def _comes_from(context: typer.Context, name: str) -> str:
    # Not the type itself: typer has brought it along under different names.
    return getattr(context.get_parameter_source(name), "name", "")


def _check_together(options: dict[str, str], precision: str) -> None:
    """Refuse options that say nothing beside each other, or without each other."""
    if "solver" in options and "target_psnr" in options:
        raise UsageError("--solver and --target-psnr exclude each other.", "Give one of them.")
    if "steps" in options and "solver" not in options:
        raise UsageError("--steps is of --solver, which is not given.", "Give both.")
    if "calibration" in options and precision != "int8":
        raise UsageError(
            f"{precision} has nothing to calibrate.", "Drop --calibration, or ask for int8."
        )


def _converted(source: str, out: Path, to: str, options: dict[str, str]) -> list[Path]:
    from nijigan.export.styles import style_of
    from nijigan.export.triton import write_triton
    from nijigan.export.unity import write_unity

    writers = {"triton": write_triton, "unity": write_unity}
    if to not in writers:
        raise UsageError(f"Nothing is named {to!r}.", did_you_mean(to, ["style", *writers]))
    if unused := options.keys() - {"source", "out", "to"}:
        names = ", ".join(sorted(options[name] for name in unused))
        raise UsageError(
            f"--to {to} takes a style's graphs as they are: it has no use for {names}.",
            "Export a style with that, and then that style.",
        )
    style = style_of(source)
    if style is None:
        raise UsageError(f"'{source}' is no style.", "Export it to a style first, and then that.")
    return writers[to](style, out)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _line(row: "Parity") -> str:
    ode = "" if row.ode_psnr_db is None else f"  to the exact ODE {row.ode_psnr_db:.1f} dB"
    return (
        f"{row.quality:6}  {row.size:9}  max {row.max_abs:.1e}  {row.psnr_db:.1f} dB  "
        f"SSIM {row.ssim:.4f}{ode}"
    )
