"""The verb `eval`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from nijigan.core.lazy import needs_extra
from nijigan.core.progress_bar import progress_bar


def evaluate(
    drawings: Annotated[Path, typer.Argument(help="Folder of drawings of the held-out photos.")],
    pairs: Annotated[Path, typer.Option(help="The pairs that the photos belong to.")],
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Measure drawings of held-out photos against the teacher's, beside the photo itself."""
    with needs_extra("train"):
        from nijigan.core.evaluation import evaluate as measure

        with progress_bar() as show:
            result = measure(drawings, pairs, lambda done, of: show(done / of, "measuring"))
    if as_json:
        typer.echo(json.dumps(asdict(result)))
        return
    typer.echo(f"{result.pictures} held-out photos, split {result.split_sha256[:12]}")
    typer.echo("            PSNR to teacher      SSIM   flatness")
    typer.echo(
        f"drawing     {result.psnr_db:5.2f} dB ± {result.psnr_spread_db:4.2f}     "
        f"{result.ssim:.3f}      {result.flatness:.3f}"
    )
    typer.echo(
        f"photo       {result.no_op_psnr_db:5.2f} dB            "
        f"{result.no_op_ssim:.3f}      {result.photo_flatness:.3f}"
    )
    typer.echo(f"teacher         —                —      {result.teacher_flatness:.3f}")
