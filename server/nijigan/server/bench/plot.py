"""Draws a report as SVG: how exact each case is for its time, the Pareto front marked."""

from collections.abc import Sequence

from nijigan.core.decibel_panel import (
    COLORS_OF_ALL,
    GAP,
    LEFT,
    WIDTH,
    Decibels,
    Panel,
    dot,
    picture,
    text,
)
from nijigan.core.errors import DataError
from nijigan.server.bench.report import Report
from nijigan.server.bench.row import Row

_MOST_DB = 100.0
"""Pictures that are nearer than that are equal to anyone who looks."""


def draw_plot(report: Report) -> str:
    """Return an SVG for each size beside each other: PSNR over milliseconds for a picture.

    A case on the front, which none is both faster and more exact than, is ringed and named; the
    fronts of the sizes are apart.

    Raises:
        DataError: no row has a PSNR.
    """
    rows = [row for row in report.rows if row.parity_psnr_db is not None]
    if not rows:
        raise DataError("No row has a PSNR to plot.", "Time styles that `export` has compared.")
    decibels = Decibels.of([_db(row) for row in rows])
    colors = _colors(rows)
    sizes = list(dict.fromkeys(row.size for row in rows))
    parts = [part for number, name in enumerate(colors) for part in _legend(number, name, colors)]
    for number, size in enumerate(sizes):
        of_size = [row for row in rows if row.size == size]
        panel = Panel(
            LEFT + number * (LEFT + WIDTH + GAP), [row.p50_ms for row in of_size], decibels
        )
        parts += panel.axes(f"milliseconds for a picture of {size}, median")
        parts += [part for row in of_size for part in _point(panel, row, colors, of_size)]
    width = len(sizes) * (LEFT + WIDTH + GAP)
    return picture(width, "How exact styles are for their time", parts)


def on_front(row: Row, rows: Sequence[Row]) -> bool:
    """Whether no other row is faster and at least as exact, or as fast and more exact."""
    return not any(
        other.p50_ms <= row.p50_ms
        and _db(other) >= _db(row)
        and (other.p50_ms, _db(other)) != (row.p50_ms, _db(row))
        for other in rows
    )


def _db(row: Row) -> float:
    assert row.parity_psnr_db is not None, "rows without one have been left out"
    return min(row.parity_psnr_db, _MOST_DB)


def _label(row: Row) -> str:
    return f"{row.style} {row.engine} {row.precision}"


def _colors(rows: Sequence[Row]) -> dict[str, str]:
    names = dict.fromkeys(_label(row) for row in rows)
    return {name: COLORS_OF_ALL[n % len(COLORS_OF_ALL)] for n, name in enumerate(names)}


def _legend(number: int, name: str, colors: dict[str, str]) -> list[str]:
    x, y = LEFT + number % 2 * 230, 14 + 15 * (number // 2)
    return [dot(x, y, 5, colors[name]), text(x + 10, y + 4, name, "start")]


def _point(panel: Panel, row: Row, colors: dict[str, str], rows: Sequence[Row]) -> list[str]:
    x, y = panel.x(row.p50_ms), panel.y(_db(row))
    color = colors[_label(row)]
    if not on_front(row, rows):
        return [dot(x, y, 3.5, color)]
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="none" stroke="#1f2933"/>'
    return [dot(x, y, 3.5, color), ring, text(x + 10, y + 4, row.quality, "start")]
