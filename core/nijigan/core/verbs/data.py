"""The verb `data`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nijigan.core.errors import UsageError
from nijigan.core.lazy import needs_extra
from nijigan.core.progress_bar import progress_bar

if TYPE_CHECKING:  # it needs numpy
    from nijigan.core.datasets.check import DataReport
    from nijigan.core.datasets.faces import FaceReport

app = typer.Typer(
    help="Check data sets, and make them from videos and photos of people.", no_args_is_help=True
)

# Findings of one problem that people are shown, and files of one finding.
_SHOWN = 10
_SHOWN_FILES = 6


@app.command()
def check(
    folder: Annotated[
        Path, typer.Argument(help="Data set, in a layout that methods learn from, or pictures.")
    ],
    crop: Annotated[int, typer.Option(min=1, help="The recipe's data.crop, in pixels.")] = 256,
    as_pairs: Annotated[
        bool, typer.Option("--pairs", help="trainA/ and trainB/ are pairs, by order of names.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what is wrong with a data set: damage, sizes, copies, leakage, pairs that are none.

    Exits with 1 if anything is.
    """
    with needs_extra("train"):
        from nijigan.core.datasets.check import CheckSettings, check_data

        settings = CheckSettings(crop, as_pairs)
        with progress_bar() as show:
            report = check_data(
                folder, settings, lambda done, of: show(done / of, f"{done} of {of} read")
            )
    if as_json:
        typer.echo(json.dumps(_as_json(report), indent=1))
    else:
        _print(report)
    if report.findings:
        raise typer.Exit(1)


@app.command("from-video")
def from_video(
    videos: Annotated[list[Path], typer.Argument(help="Videos that you have the right to use.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Data set to write to.")],
    kind: Annotated[str, typer.Option(help="What they show: photo or drawn.")] = "drawn",
    every: Annotated[
        float, typer.Option(min=0.01, help="Seconds from frame to frame, counted from each cut.")
    ] = 1.0,
    one_per_scene: Annotated[
        bool, typer.Option("--one-per-scene", help="Of those, the sharpest of each scene alone.")
    ] = False,
    squares: Annotated[
        list[str] | None,
        typer.Option("--square", help="Cut squares: left, center or right, as often as wanted."),
    ] = None,
    most_blur: Annotated[
        float, typer.Option(min=0, max=1, help="Drop frames that are more blurred; 1 keeps all.")
    ] = 0.6,
    held_out: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the scenes kept for validation.")
    ] = 0.1,
) -> None:
    """Take frames from videos: no bars, no blur, no two alike; scenes are split as a whole."""
    with needs_extra("video"):
        from nijigan.core.datasets.from_video import VideoSettings, make_from_videos

        settings = VideoSettings(
            kind, every, one_per_scene, tuple(squares or ()), most_blur, held_out
        )
        with progress_bar() as show:
            report = make_from_videos(videos, out, settings, show)
    typer.echo(
        f"{report.kept} frames of {report.scenes} scenes kept, {report.held_out} pictures held "
        f"out; {report.blurred} blurred and {report.alike} alike ones dropped",
        err=True,
    )
    typer.echo(out)


@app.command()
def faces(
    photos: Annotated[Path, typer.Argument(help="Photos of people that you may use.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Data set to write; if not given, it is only told."),
    ] = None,
    size: Annotated[
        int, typer.Option(help="Side of the squares in pixels: the recipe's data.load.")
    ] = 158,
    attributes: Annotated[
        Path | None,
        typer.Option(help="Table of attributes: CSV, or CelebA's list_attr_celeba.txt."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="An attribute: each of its values gets a data set. May be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Frame the faces of photos as avatars are, and drop those that teach little.

    That is what has no face or several, is small, blurred, gray, covered, or there twice.
    """
    if (attributes is None) != (not by):
        raise UsageError("--attributes and --by go together.", "Give both, or none.")
    with needs_extra("train"):
        from nijigan.core.datasets.attributes import read_attributes
        from nijigan.core.datasets.face_finder import open_face_finder
        from nijigan.core.datasets.faces import FaceSettings, make_faces

        settings = FaceSettings(size, tuple(by or ()))
        table = None if attributes is None else read_attributes(attributes)
        with progress_bar() as show:
            report = make_faces(photos, out, settings, open_face_finder(), table, show)
    if as_json:
        typer.echo(json.dumps({"problems": report.problems, **asdict(report)}, indent=1))
    else:
        _print_faces(report)


def _print_faces(report: "FaceReport") -> None:
    typer.echo(f"{len(report.kept)} faces kept, {len(report.dropped)} photos dropped")
    for group, count in report.groups.items():
        if group:
            typer.echo(f"  {group}: {count}")
    for problem, count in report.problems.items():
        typer.echo(f"\n{problem}: {count}")
        found = [each for each in report.dropped if each.problem == problem]
        for each in found[:_SHOWN]:
            typer.echo(f"  {each.name}: {each.fact}")
        if count > _SHOWN:
            typer.echo(f"  and {count - _SHOWN} more; --json has all")
    if not report.occlusion:
        typer.echo("\nThere are too few faces to tell which of them something covers.")


def _as_json(report: "DataReport") -> dict[str, Any]:
    from nijigan.core.quantiles import quantiles

    values = {
        "edges": [agreed.edges for agreed in report.agreements],
        "color": [agreed.color for agreed in report.agreements],
    }
    return {
        "pictures": report.pictures,
        "pairs": report.pairs,
        "counts": report.counts,
        "findings": [asdict(finding) for finding in report.findings],
        "measured": {what: quantiles(found) for what, found in values.items() if found},
    }


def _print(report: "DataReport") -> None:
    pairs = f", {report.pairs} pairs" if report.pairs else ""
    typer.echo(f"{report.pictures} pictures{pairs}")
    for problem, count in report.counts.items():
        typer.echo(f"\n{problem}: {count}")
        found = [finding for finding in report.findings if finding.problem == problem]
        for finding in found[:_SHOWN]:
            more = len(finding.files) - _SHOWN_FILES
            names = ", ".join(finding.files[:_SHOWN_FILES]) + (f" and {more} more" * (more > 0))
            typer.echo(f"  {names}\n    {finding.fact} {finding.remedy}")
        if count > _SHOWN:
            typer.echo(f"  and {count - _SHOWN} more; --json has all")
    if not report.findings:
        typer.echo("nothing wrong")
