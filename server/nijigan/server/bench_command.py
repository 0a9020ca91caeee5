"""The verb `bench`."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nijigan.server.bench import Row

# Above it, other work is running.
_QUIET_LOAD = 1.0


def bench(
    styles: Annotated[
        list[str], typer.Argument(help="Names of styles, or paths of their folders.")
    ],
    sizes: Annotated[str, typer.Option(help="Sizes in pixels, with commas.")] = "512x512",
    engines: Annotated[str, typer.Option(help="Engines, with commas.")] = "onnxruntime",
    qualities: Annotated[str, typer.Option(help="Qualities, with commas.")] = "normal",
    iterations: Annotated[int, typer.Option(help="Time each at least this often.", min=1)] = 10,
    seconds: Annotated[float, typer.Option(help="And at least this long.", min=0)] = 3.0,
    threads: Annotated[
        int | None, typer.Option(help="Threads to draw with; all cores if not given.", min=1)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time styles on this machine.

    `ratio` (in JSON: `conv_ratio`) is the median over that of one convolution (256 to 256 channels,
    3x3, at 64x64) which is timed in turn with the styles: it can be compared between machines.
    """
    from dataclasses import asdict

    from nijigan.core.machine import describe_machine, load_average, peak_memory_mib
    from nijigan.core.progress_bar import progress_bar
    from nijigan.server.bench import bench as run
    from nijigan.server.bench import make_cases
    from nijigan.server.styles import find_style

    found = [library.get(name) for library, name in map(find_style, styles)]
    cases = make_cases(found, sizes, engines, qualities)
    load = load_average()
    if load is not None and load > _QUIET_LOAD:
        typer.echo(
            f"warning: other work is running (load {load:.1f}); times will be off.", err=True
        )
    with progress_bar() as progress:
        rows = run(cases, iterations, seconds, threads, progress)
    if as_json:
        report = {
            "machine": {
                **describe_machine("nijigan", "numpy", "onnxruntime"),
                "load": load,
                "peak_memory_mib": peak_memory_mib(),
            },
            "rows": [asdict(row) for row in rows],
        }
        typer.echo(json.dumps(report, indent=1))
    else:
        _print_table(rows)


def _print_table(rows: "list[Row]") -> None:
    from rich.console import Console
    from rich.table import Table

    headings = ("style", "size", "quality", "engine", "runs", "p50 ms", "p90 ms", "p99 ms", "ratio")
    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        times = (f"{row.p50_ms:.1f}", f"{row.p90_ms:.1f}", f"{row.p99_ms:.1f}")
        what = (row.style, row.size, row.quality, row.engine, str(row.iterations))
        table.add_row(*what, *times, f"{row.conv_ratio:.2f}")
    Console().print(table)
