"""Draws figures of runs over their steps, as a small SVG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Point = tuple[float, float]

# Okabe and Ito's colors, which all kinds of sight tell apart.
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_WIDTH, _HEIGHT = 460, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 130, 16, 34


def write_curves(path: Path, series: Mapping[str, Sequence[Point]], unit: str = "") -> None:
    """Write lines of (step, value), one for each name; of several runs of one name, give bands.

    Args:
        path: of the SVG.
        series: by name, each with one point or more.
        unit: of the values.
    """
    points = [point for line in series.values() for point in line]
    steps = max(step for step, _ in points)
    low, high = min(v for _, v in points), max(v for _, v in points)
    room = 0.08 * (high - low) or 1.0
    low, high = low - room, high + room

    def place(point: Point) -> str:
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * point[0] / steps
        y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - point[1]) / (high - low)
        return f"{x:.1f},{y:.1f}"

    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'font-family="Helvetica, Arial, sans-serif" font-size="11">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<path d="M{_LEFT},{_TOP}V{bottom}H{right}" fill="none" stroke="#888888"/>',
        f'<text x="{right}" y="{bottom + 16}" text-anchor="end">{steps:g} steps</text>',
    ]
    for value in (low + room, high - room):
        y = place((0, value)).split(",")[1]
        parts.append(
            f'<text x="{_LEFT - 6}" y="{y}" text-anchor="end" dy="4">{value:.3g} {unit}</text>'
        )
    for number, (name, line) in enumerate(series.items()):
        color = _COLORS[number % len(_COLORS)]
        drawn = " ".join(map(place, line))
        parts.append(
            f'<polyline points="{drawn}" fill="none" stroke="{color}" stroke-width="1.8"/>'
        )
        parts.append(
            f'<text x="{right + 10}" y="{_TOP + 12 + 15 * number}" fill="{color}">'
            f"{escape(name)}</text>"
        )
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")
