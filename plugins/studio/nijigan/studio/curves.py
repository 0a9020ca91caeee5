"""Draws figures of runs over their steps, as SVG: one panel for each figure, a line for each run.

Colors are CSS variables of the page, so that they suit its light and its dark form.
"""

from collections.abc import Mapping, Sequence
from html import escape

Points = Sequence[tuple[int, float]]

COLORS = 6
"""Runs that can be told apart: the page has so many variables, `--run-0` and on."""

_WIDTH, _HEIGHT = 300, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 10, 24
_MOST_POINTS = 240


def panel(name: str, lines: Mapping[int, Points]) -> str:
    """Return one panel. lines: by the number of the run, each with a point or more."""
    points = [point for line in lines.values() for point in line]
    steps = max(max(step for step, _ in points), 1)
    low, high = min(value for _, value in points), max(value for _, value in points)
    room = 0.06 * (high - low) or abs(high) or 1.0
    bottom, top = low - room, high + room

    def place(point: tuple[int, float]) -> str:
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * point[0] / steps
        y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * (top - point[1]) / (top - bottom)
        return f"{x:.1f},{y:.1f}"

    said = ", ".join(
        f"run {number + 1} ends at {line[-1][1]:.4g}" for number, line in lines.items()
    )
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(name)}: {said}">',
        f'<path class="axis" d="M{_LEFT},{_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}"/>',
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end">{steps:,} steps</text>',
    ]
    for value in dict.fromkeys((low, high)):
        y = place((0, value)).partition(",")[2]
        parts.append(f'<text x="{_LEFT - 6}" y="{y}" dy="4" text-anchor="end">{value:.3g}</text>')
    for number, line in lines.items():
        color = f"var(--run-{number % COLORS})"
        thin = thinned(line)
        if len(thin) == 1:
            x, _, y = place(thin[0]).partition(",")
            parts.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"/>')
        else:
            drawn = " ".join(map(place, thin))
            parts.append(f'<polyline points="{drawn}" stroke="{color}"/>')
    title = f"<figcaption>{escape(name)}</figcaption>"
    return f'<figure class="panel">{title}{"".join(parts)}</svg></figure>'


def thinned(points: Points) -> Points:
    """Return about so many points as there are pixels: means of neighbours, the last as it is."""
    if len(points) <= _MOST_POINTS:
        return points
    size = -(-len(points) // _MOST_POINTS)
    *others, last = points
    parts = [others[start : start + size] for start in range(0, len(others), size)]
    means = [(part[-1][0], sum(value for _, value in part) / len(part)) for part in parts]
    return [*means, last]
