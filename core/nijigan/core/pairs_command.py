"""The verb `pairs`."""

from pathlib import Path
from typing import Annotated

import typer

from nijigan.core.lazy import needs_extra
from nijigan.core.progress_bar import progress_bar

app = typer.Typer(help="Make pseudo-pairs to learn from: photos and a teacher's drawings of them.")


@app.command()
def make(
    photos: Annotated[
        Path,
        typer.Argument(
            help="Folder of photos, taken with its subfolders.", envvar="NIJIGAN_PHOTOS"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of pairs to make.")],
    teacher: Annotated[str, typer.Option(help="Who draws them.")] = "cel",
    short_side: Annotated[int, typer.Option(min=16, help="Working scale, in pixels.")] = 512,
    held_out: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the photos kept for validation.")
    ] = 0.1,
    jobs: Annotated[int, typer.Option(min=1, help="Photos drawn at once.")] = 2,
) -> None:
    """Draw every photo; what is there already is kept, so an interrupted run goes on."""
    with needs_extra("train"):
        from nijigan.core.pairs import PairSettings, make_pairs

        settings = PairSettings(teacher=teacher, short_side=short_side, held_out=held_out)
        with progress_bar() as show:
            for done, of in make_pairs(photos, out, settings, jobs):
                show(done / of, f"{done} of {of} drawn")
    typer.echo(out)


@app.command("held-out")
def held_out_photos(
    pairs: Annotated[Path, typer.Argument(help="Folder of pairs.")],
) -> None:
    """List the photos that were kept from training."""
    from nijigan.core.pair import find_picture
    from nijigan.core.split import read_split

    for name in read_split(pairs).held_out:
        typer.echo(find_picture(pairs / "photo", name))
