"""The verb `bench`, and `bench diff`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nijigan.core.errors import UsageError
from nijigan.core.print_table import print_table
from nijigan.core.verbs.default_command import DefaultCommand

if TYPE_CHECKING:
    from nijigan.server.bench.diff import Change
    from nijigan.server.bench.end_to_end import Trip
    from nijigan.server.bench.report import Report

app = typer.Typer(
    cls=DefaultCommand,
    help="Time styles: nijigan bench STYLE…, and compare what was timed: nijigan bench diff.",
    no_args_is_help=True,
)


@app.command()
def measure(
    styles: Annotated[
        list[str], typer.Argument(help="Names of styles, or paths of their folders.")
    ],
    sizes: Annotated[str, typer.Option(help="Sizes in pixels, with commas.")] = "512x512",
    engines: Annotated[
        str, typer.Option(help="Engines, with commas: onnxruntime, onnxruntime:cuda, openvino …")
    ] = "onnxruntime",
    qualities: Annotated[str, typer.Option(help="Qualities, with commas.")] = "normal",
    concurrency: Annotated[
        str, typer.Option(help="Pictures drawn at once by one graph, with commas: 1,2,4.")
    ] = "1",
    iterations: Annotated[int, typer.Option(help="Time each at least this often.", min=1)] = 10,
    seconds: Annotated[float, typer.Option(help="And at least this long.", min=0)] = 3.0,
    threads: Annotated[
        int | None, typer.Option(help="Threads to draw with; all cores if not given.", min=1)
    ] = None,
    cold: Annotated[
        bool,
        typer.Option(help="Measure loading, the first picture and memory too, in fresh processes."),
    ] = True,
    whole: Annotated[
        bool,
        typer.Option(
            "--end-to-end",
            help="Time whole requests through a sidecar, and split them: queue, decoding, drawing, "
            "encoding, wire.",
        ),
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw PSNR over time, as SVG, into this file.")
    ] = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for `bench diff`.")] = False,
) -> None:
    """Time styles on this machine, all of them in turn.

    Precision is the style's: to compare, export one style for each. `ratio` (in JSON: `conv_ratio`)
    is the median over that of one convolution (256 to 256 channels, 3x3, at 64x64) which is timed
    in turn with the styles: it can be compared between machines; its 95 % interval is by bootstrap
    over rounds.
    """
    from nijigan.core.atomic import write_atomically
    from nijigan.core.progress_bar import progress_bar
    from nijigan.export.styles import find_style
    from nijigan.server.bench.case import Matrix
    from nijigan.server.bench.end_to_end import end_to_end
    from nijigan.server.bench.measure import bench
    from nijigan.server.bench.plot import draw_plot
    from nijigan.server.bench.report import Report, busy, machine_facts

    if whole and (plot is not None or as_markdown or not cold or concurrency != "1"):
        raise UsageError(
            "--end-to-end is of one request after the other, as a table or JSON.",
            "Drop --plot, --markdown, --no-cold and --concurrency.",
        )
    found = [library.get(name) for library, name in map(find_style, styles)]
    cases = Matrix(sizes, engines, qualities, concurrency, threads).cases(found)
    machine = machine_facts(engines.split(","))
    if busy(machine):
        _warn(f"other work is running (load {machine['load']:.1f}); times will be off.")
    if whole:
        with progress_bar() as progress:
            _print_trips(end_to_end(cases, iterations, progress), machine, as_json)
        return
    with progress_bar() as progress:
        report = Report(machine, tuple(bench(cases, iterations, seconds, progress, cold)))
    if plot is not None:
        write_atomically(plot, draw_plot(report).encode())
    if as_json:
        typer.echo(report.as_json())
    elif as_markdown:
        typer.echo(report.as_markdown(), nl=False)
    else:
        _print_table(report)
    for row in report.rows:
        if row.is_wide:
            _warn(
                f"{row.style} {row.size} {row.quality} {row.engine}: one in ten took "
                f"{100 * row.spread:.0f} % longer than the median; time it again."
            )


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="A report: what `bench --json` printed.")],
    after: Annotated[Path, typer.Argument(help="A later one.")],
    tolerance: Annotated[
        float, typer.Option(help="Forgive such a share: 0.05 is 5 %.", min=0)
    ] = 0.05,
) -> None:
    """Tell what became slower between two reports; fail if anything did.

    Compared are the ratios to the reference convolution, so that a slower machine is not taken for
    a slower style. What differs is told from noise by bootstrap: the whole 95 % interval must lie
    past the tolerance.
    """
    from nijigan.core.errors import CheckFailedError
    from nijigan.server.bench.diff import changes, slower
    from nijigan.server.bench.report import read_report

    found = changes(read_report(before), read_report(after), tolerance)
    _print_changes(found)
    if worse := slower(found):
        raise CheckFailedError(
            f"{len(worse)} of {len(found)} became slower by more than {100 * tolerance:g} %.",
            "Time both once more on a quiet machine before you look for the cause.",
        )


def _warn(text: str) -> None:
    typer.echo(f"warning: {text}", err=True)


def _print_table(report: "Report") -> None:
    """Print what fits a terminal; --markdown and --json have all."""
    headings = ("style", "size", "quality", "engine", "p50 ms", "p90 ms", "p99 ms", "/s", "ratio",
        "PSNR")  # fmt: skip
    rows = []
    for row in report.rows:
        at_once = "" if row.concurrency == 1 else f" ×{row.concurrency}"
        engine = row.engine if row.precision == "fp32" else f"{row.engine} {row.precision}"
        rows.append(
            (
                row.style,
                row.size + at_once,
                row.quality,
                engine,
                *(f"{ms:.1f}" for ms in (row.p50_ms, row.p90_ms, row.p99_ms)),
                f"{row.pictures_per_s:.1f}",
                f"{row.conv_ratio:.2f}",
                "" if row.parity_psnr_db is None else f"{row.parity_psnr_db:.0f} dB",
            )
        )
    _print(headings, rows)


def _print_trips(trips: "Sequence[Trip]", machine: dict[str, Any], as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        found = [{**asdict(trip), "overhead_of_echo": trip.overhead_of_echo} for trip in trips]
        typer.echo(json.dumps({"machine": machine, "rows": found}, indent=1))
        return
    headings = (
        "style", "size", "quality", "engine", "precision", "way", "total ms", "p90 ms", "queue",
        "decode", "compute", "encode", "wire", "not drawing", "bare echo", "over echo",
    )  # fmt: skip
    rows = []
    for trip in trips:
        what = (trip.style, trip.size, trip.quality, trip.engine, trip.precision, trip.way)
        parts = (trip.total_ms, trip.p90_ms, trip.queue_ms, trip.decode_ms, trip.compute_ms)
        times = (f"{ms:.1f}" for ms in (*parts, trip.encode_ms, trip.wire_ms))
        shares = (
            f"{100 * trip.overhead:.1f} %",
            f"{trip.echo_ms:.1f}",
            f"{trip.overhead_of_echo:.2f}",
        )
        rows.append((*what, *times, *shares))
    _print(headings, rows)


def _print_changes(found: "Sequence[Change]") -> None:
    headings = (
        "style",
        "size",
        "quality",
        "engine",
        "precision",
        "ratio",
        "after/before",
        "95 %",
        "",
    )
    rows = []
    for change in found:
        row, ratio = change.after, change.ratio
        rows.append(
            (
                row.style,
                row.size,
                row.quality,
                row.engine,
                row.precision,
                f"{change.before.conv_ratio:.2f} → {row.conv_ratio:.2f}",
                f"{ratio.value:.3f}",
                f"{ratio.low:.3f}–{ratio.high:.3f}",
                change.verdict,
            )
        )
    _print(headings, rows)


def _print(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    print_table(table)
