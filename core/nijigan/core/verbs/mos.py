"""The verbs `eval mos make` and `eval mos score`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nijigan.core.errors import UsageError
from nijigan.core.lazy import needs_extra
from nijigan.core.print_table import print_table
from nijigan.core.progress_bar import progress_bar

if TYPE_CHECKING:
    from nijigan.core.evaluation.mos.score import StudyScore

app = typer.Typer(help="Let people judge drawings, blind: mean opinion scores and preferences.")


@app.command()
def make(
    methods: Annotated[
        list[str], typer.Argument(help="NAME=FOLDER of drawings, two or more.", metavar="NAME=…")
    ],
    photos: Annotated[Path, typer.Option(help="Folder of the photos that were drawn.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")],
    pictures: Annotated[
        int | None, typer.Option(min=1, help="Show so many of the photos; all if not given.")
    ] = None,
    long_side: Annotated[
        int, typer.Option(min=16, help="Larger pictures are shrunk to it, in pixels.")
    ] = 960,
    seed: Annotated[int, typer.Option(min=0, help="Of the choice of photos.")] = 0,
) -> None:
    """Write a study: the page to hand out, and the key that you keep.

    The page works from a file or any web server, sends nothing, and names no method. People give
    marks from 1 to 5 and choose the best in three aspects, then save a file for 'score'.
    """
    folders = dict(_parse(method) for method in methods)
    if len(folders) < len(methods):
        raise UsageError("Two methods have one name.", "Give each NAME=FOLDER a name of its own.")
    with needs_extra("train"):
        from nijigan.core.evaluation.mos.study import KEY, PAGE, make_study

        with progress_bar() as show:
            make_study(
                folders,
                photos,
                out,
                pictures,
                long_side,
                seed,
                lambda done, of: show(done / of, f"{done} of {of} photos"),
            )
    typer.echo(out / PAGE)
    typer.echo(out / KEY)
    typer.echo(f"Hand out {PAGE}; keep {KEY}: without it no answer can be read.", err=True)


@app.command()
def score(
    key: Annotated[Path, typer.Argument(help="The key.json of the study.")],
    answers: Annotated[
        list[Path], typer.Argument(help="The files that people saved, or folders of them.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what people think of each method, with 95 % intervals.

    Of the mean opinion score: by a bootstrap over people and pictures. Of the preference rate:
    Wilson's, as if no two choices had to do with each other.
    """
    with needs_extra("train"):
        from nijigan.core.evaluation.mos.answers import read_answers
        from nijigan.core.evaluation.mos.key import read_key
        from nijigan.core.evaluation.mos.score import score_study

        known = read_key(key)
        result = score_study(known, read_answers(known, answers))
    if min(result.people, result.pictures) < 2:
        typer.echo(
            "warning: of one person, or one picture, no interval can say how others differ.",
            err=True,
        )
    if as_json:
        typer.echo(json.dumps(asdict(result), indent=1))
    else:
        _print(result, len(known.methods))


def _parse(method: str) -> tuple[str, Path]:
    name, equals, folder = method.partition("=")
    if not (name and equals and folder):
        raise UsageError(f"'{method}' names no folder of drawings.", "Write NAME=FOLDER.")
    return name, Path(folder)


def _print(result: "StudyScore", methods: int) -> None:
    from rich.table import Table

    typer.echo(f"{_count(result.people, 'person', 'people')}, {_count(result.pictures, 'picture')}")
    table = Table("aspect", "method", box=None, pad_edge=False)
    for heading in ("MOS", "95 %", f"best of {methods}", "95 %"):
        table.add_column(heading, justify="right")
    for row in result.rows:
        mos, rate = row.mos, row.preference
        table.add_row(
            row.aspect,
            row.method,
            f"{mos.value:.2f}",
            f"{mos.low:.2f}–{mos.high:.2f}",
            f"{rate.value:.0%}",
            f"{rate.low:.0%}–{rate.high:.0%}",
        )
    print_table(table)


def _count(number: int, one: str, more: str = "") -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
