"""Draws a study of solvers as SVG: how exact each is for its evaluations and for its time."""

import math
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from nijigan.core.evaluation.solver_study import SolverRow, SolverStudy

# Okabe and Ito's colors, which all kinds of sight tell apart.
COLORS = {
    "euler": "#0072b2",
    "midpoint": "#e69f00",
    "heun": "#009e73",
    "rk4": "#cc79a7",
    "dopri5": "#d55e00",
    "adaptive": "#444444",
}
_WIDTH, _HEIGHT = 420.0, 300.0
_LEFT, _TOP, _BOTTOM = 56.0, 64.0, 52.0
_GAP = 24.0


def draw_plot(study: SolverStudy) -> str:
    """Return an SVG of two panels: PSNR over evaluations of f per block, and over milliseconds."""
    low, high, step = _decibels([row.psnr_db for row in study.rows])
    total = 2 * (_LEFT + _WIDTH) + 2 * _GAP
    height = _TOP + _HEIGHT + _BOTTOM
    title = f"How exact the solvers of {study.network.name} are, and what they cost"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total:g} {height:g}" '
        f'width="{total:g}" height="{height:g}" role="img" '
        'font-family="Helvetica, Arial, sans-serif" font-size="11.5">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{total:g}" height="{height:g}" rx="10" fill="#ffffff"/>',
        *_legend(study.rows),
    ]
    panels: list[tuple[str, Callable[[SolverRow], float]]] = [
        ("evaluations of f per block", lambda row: row.evaluations),
        ("milliseconds for a picture", lambda row: row.milliseconds),
    ]
    for number, (label, of) in enumerate(panels):
        left = _LEFT + number * (_LEFT + _WIDTH + _GAP)
        panel = _Panel(left, study.rows, of, (low, high), step)
        parts += [*panel.draw(label), *panel.limit(study.reference_db)]
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Panel:
    """PSNR upward, something that costs to the right, doubling by equal lengths."""

    def __init__(
        self,
        left: float,
        rows: Sequence[SolverRow],
        of: Callable[[SolverRow], float],
        ends: tuple[float, float],
        step: float,
    ) -> None:
        self.left, self.rows, self.of, self.ends, self.step = left, rows, of, ends, step
        costs = [math.log2(of(row)) for row in rows]
        self.first = math.floor(min(costs))
        self.last = max(math.ceil(max(costs)), self.first + 1)

    def x(self, cost: float) -> float:
        return self.left + _WIDTH * (math.log2(cost) - self.first) / (self.last - self.first)

    def y(self, decibels: float) -> float:
        low, high = self.ends
        return _TOP + _HEIGHT * (high - decibels) / (high - low)

    def draw(self, label: str) -> list[str]:
        return [*self._axes(label), *(p for name in COLORS for p in self._solver(name))]

    def limit(self, decibels: float) -> list[str]:
        """Draw how exact the reference is, where the axis has it."""
        if not self.ends[0] <= decibels <= self.ends[1]:
            return []
        y, right = self.y(decibels), self.left + _WIDTH
        return [
            _line((self.left, y), (right, y), "#a61b1b"),
            _text(self.left + 6, y - 5, "the reference itself", "start"),
        ]

    def _axes(self, label: str) -> list[str]:
        right, bottom = self.left + _WIDTH, _TOP + _HEIGHT
        parts = []
        low, high = self.ends
        for tick in range(round((high - low) / self.step) + 1):
            value = low + tick * self.step
            y = self.y(value)
            parts.append(_line((self.left, y), (right, y), "#e4e7eb"))
            parts.append(_text(self.left - 7, y + 4, f"{value:g}", "end"))
        for power in range(self.first, self.last + 1):
            x = self.x(2.0**power)
            parts.append(_line((x, _TOP), (x, bottom), "#e4e7eb"))
            parts.append(_text(x, bottom + 17, f"{2.0**power:g}", "middle"))
        parts.append(_line((self.left, bottom), (right, bottom), "#52606d"))
        parts.append(_text(self.left + _WIDTH / 2, bottom + 38, label, "middle"))
        parts.append(_text(self.left - 7, _TOP - 12, "PSNR, dB", "start"))
        return parts

    def _solver(self, name: str) -> list[str]:
        points = [
            (self.x(self.of(row)), self.y(row.psnr_db)) for row in self.rows if row.solver == name
        ]
        if not points:
            return []
        color, dashed = COLORS[name], ' stroke-dasharray="5 3"' if name == "adaptive" else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        line = f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"{dashed}/>'
        return [
            line,
            *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>' for x, y in points),
        ]


def _legend(rows: Sequence[SolverRow]) -> list[str]:
    parts, x = [], _LEFT
    for name in COLORS:
        if any(row.solver == name for row in rows):
            parts.append(f'<circle cx="{x:.1f}" cy="22" r="5" fill="{COLORS[name]}"/>')
            parts.append(_text(x + 10, 26, name, "start"))
            x += 90
    return parts


def _decibels(values: Sequence[float]) -> tuple[float, float, float]:
    """Return where the axis begins and ends, and the step of its marks."""
    span = max(max(values) - min(values), 1.0)
    step = next(step for step in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if span / step <= 8)
    low = step * math.floor(min(values) / step)
    return low, max(step * math.ceil(max(values) / step), low + step), step


def _line(start: tuple[float, float], end: tuple[float, float], color: str) -> str:
    (x1, y1), (x2, y2) = start, end
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{color}" stroke-width="1"/>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#1f2933">{escape(text)}</text>'
    )
