"""The verb `import`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nijigan.core.lazy import needs_extra
from nijigan.core.progress_bar import progress_bar

if TYPE_CHECKING:  # it needs torch
    from nijigan.core.models.importers import Imported


def import_checkpoint(
    checkpoint: Annotated[
        Path, typer.Argument(help="A public checkpoint: .pth, .pt or .safetensors.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The checkpoint folder or .safetensors to write.")
    ],
    family: Annotated[
        str,
        typer.Option(
            help="auto, cut, cyclegan, scenimefy, pix2pix, ugatit, animegan2 or cartoongan."
        ),
    ] = "auto",
    direction: Annotated[
        str | None, typer.Option(help="A2B or B2A, where the file has a generator for each.")
    ] = None,
    upsampling: Annotated[
        str | None,
        typer.Option(help="How AnimeGANv2 enlarges, which its files do not tell: aligned, double."),
    ] = None,
    license_: Annotated[
        str | None,
        typer.Option("--license", help="SPDX expression of the weights, where you know it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Turn a public checkpoint of another project into one of nijigan's; runs nothing in it."""
    with needs_extra("train"), progress_bar() as show:
        from nijigan.core.checkpoint import GENERATOR_FILE, CheckpointInfo, save_network
        from nijigan.core.models.importers import read

        show(0.0, "reading")
        imported = read(checkpoint, family, direction=direction, upsampling=upsampling)
        show(0.7, "writing")
        info = CheckpointInfo(
            name=imported.name,
            config=imported.generator.config,
            license=license_ or imported.license,
            data=_origin(checkpoint, imported),
        )
        path = out if out.suffix == ".safetensors" else out / GENERATOR_FILE
        save_network(imported.generator, info, path)
        described = _describe(imported, info.license, info.data)
    for note in imported.notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(f"{checkpoint.name}: {described['description']}", err=True)
    typer.echo(json.dumps({"path": str(out), **described}) if as_json else out)


def _origin(checkpoint: Path, imported: "Imported") -> str:
    kind = " ".join(filter(None, (imported.family, imported.direction)))
    return f"imported from {checkpoint.name} ({kind}, sha256 {imported.sha256})"


def _describe(imported: "Imported", license_: str, data: str) -> dict[str, Any]:
    from nijigan.core.models import count_parameters

    parameters = count_parameters(imported.generator)
    return {
        "description": f"{imported.family} generator, {imported.name}, "
        f"{parameters:,} parameters, license {license_}",
        "family": imported.family,
        "name": imported.name,
        "config": imported.generator.config,
        "parameters": parameters,
        "license": license_,
        "data": data,
        "notes": list(imported.notes),
    }
