"""The verb `pairs`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nijigan.core.lazy import needs_extra
from nijigan.core.progress_bar import progress_bar

if TYPE_CHECKING:  # they need numpy
    from nijigan.core.datasets.pair_filter import PairLimits, PairMeasures, UnreadablePair

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
    short_side: Annotated[
        list[int] | None,
        typer.Option(
            min=16,
            help="Scale in pixels that photos are drawn at; 512 if not given. May be repeated.",
        ),
    ] = None,
    least_side: Annotated[
        int,
        typer.Option(
            min=16,
            help="Copies whose short side stays smaller are left out: no crop of that size could "
            "be cut from them.",
        ),
    ] = 256,
    held_out: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the photos kept for validation.")
    ] = 0.1,
    recolored: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Share of the other photos that are drawn in other colors too: from those, sharp "
            "edges of color are learned, as renders have them.",
        ),
    ] = 0.25,
    jobs: Annotated[int, typer.Option(min=1, help="Photos drawn at once.")] = 2,
) -> None:
    """Draw every photo; what is there already is kept, so an interrupted run goes on."""
    with needs_extra("train"):
        from nijigan.core.datasets.pairs import PairSettings, make_pairs
        from nijigan.core.datasets.working_copy import Scales

        scales = Scales(tuple(short_side) if short_side else (512,), min_side=least_side)
        settings = PairSettings(teacher, scales, held_out, recolored)
        with progress_bar() as show:
            for done, of in make_pairs(photos, out, settings, jobs):
                show(done / of, f"{done} of {of} drawn")
    typer.echo(out)


@app.command("held-out")
def held_out_photos(
    pairs: Annotated[Path, typer.Argument(help="Folder of pairs.")],
) -> None:
    """List the photos that were kept from training."""
    from nijigan.core.datasets.pair import find_picture
    from nijigan.core.datasets.split import read_split

    for name in read_split(pairs).held_out:
        typer.echo(find_picture(pairs / "photo", name))


@app.command("filter")
def filter_pairs(
    pairs: Annotated[Path, typer.Argument(help="Folder of pairs.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Split to write, PAIRS/split.json, say; what is there stays beside it. "
            "Without it, nothing is written.",
        ),
    ] = None,
    segmenter: Annotated[
        Path | None, typer.Option(help="ONNX file of a network that scores classes of pixels.")
    ] = None,
    least_edges: Annotated[
        float, typer.Option(min=-1, max=1, help="Least correlation of edges.")
    ] = 0.5,
    most_color: Annotated[
        float, typer.Option(min=0, help="Most mean distance of colors, in Oklab.")
    ] = 0.25,
    most_shift: Annotated[
        int, typer.Option(min=0, help="Most pixels that the drawing lies beside the photo.")
    ] = 2,
    most_entropy: Annotated[
        float, typer.Option(min=0, help="Cross-entropy of classes to stay under.")
    ] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Drop pairs whose drawing does not show what the photo does; no picture is deleted."""
    with needs_extra("train"):
        from nijigan.core.datasets.pair_filter import PairLimits, measure_pairs, write_kept
        from nijigan.core.datasets.segmenter import OnnxSegmenter

        limits = PairLimits(least_edges, most_color, most_shift, most_entropy)
        network = None if segmenter is None else OnnxSegmenter(segmenter)
        with progress_bar() as show:
            measured = measure_pairs(
                pairs, network, lambda done, of: show(done / of, f"{done} of {of} measured")
            )
        if out is not None:
            write_kept(pairs, out, measured, limits)
    report = _filter_report(measured, limits)
    if as_json:
        typer.echo(json.dumps(report, indent=1))
        return
    for what, quantiles in report["measured"].items():
        values = "  ".join(f"{part} {value:.3f}" for part, value in quantiles.items())
        typer.echo(f"{what:8} {values}")
    for name, faults in report["dropped"].items():
        typer.echo(f"dropped  {name}: {', '.join(faults)}")
    typer.echo(f"{len(measured) - len(report['dropped'])} of {len(measured)} pairs kept")


def _filter_report(
    found: "list[PairMeasures | UnreadablePair]", limits: "PairLimits"
) -> dict[str, Any]:
    from nijigan.core.datasets.pair_filter import PairMeasures
    from nijigan.core.quantiles import quantiles

    dropped = {one.name: faults for one in found if (faults := one.faults(limits))}
    measured = [one for one in found if isinstance(one, PairMeasures)]
    values: dict[str, list[float]] = {
        "edges": [one.edges for one in measured],
        "color": [one.color for one in measured],
        "shift": [max(map(abs, one.shift)) for one in measured],
        "entropy": [one.entropy for one in measured if one.entropy is not None],
        "classes": [one.classes for one in measured if one.classes is not None],
    }
    return {
        "pairs": [asdict(one) for one in measured],
        "measured": {what: quantiles(numbers) for what, numbers in values.items() if numbers},
        "dropped": dropped,
        "limits": asdict(limits),
    }
