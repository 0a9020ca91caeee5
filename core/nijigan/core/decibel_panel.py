"""The SVG that figures are drawn with: decibels upward, what something costs to the right."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

# Okabe and Ito's colors, which all kinds of sight tell apart.
COLORS_OF_ALL = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#444444")
WIDTH, HEIGHT = 420.0, 300.0
LEFT, GAP = 56.0, 24.0
"""Room for the marks of the axis; and between two panels."""
_TOP, _BOTTOM = 64.0, 52.0


@dataclass(frozen=True)
class Decibels:
    """An axis of decibels: where it begins and ends, and the step of its marks."""

    low: float
    high: float
    step: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Decibels":
        """Return the axis that has all of the values, with up to eight steps."""
        span = max(max(values) - min(values), 1.0)
        step = next(step for step in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if span / step <= 8)
        low = step * math.floor(min(values) / step)
        return cls(low, max(step * math.ceil(max(values) / step), low + step), step)


class Panel:
    """Axes: decibels upward, costs to the right, doubling by equal lengths.

    Args:
        left: where it begins, in pixels.
        costs: those that will be drawn, above 0.
        decibels: the axis.
    """

    def __init__(self, left: float, costs: Sequence[float], decibels: Decibels) -> None:
        self.left, self.right, self.decibels = left, left + WIDTH, decibels
        powers = [math.log2(cost) for cost in costs]
        self._first = math.floor(min(powers))
        self._last = max(math.ceil(max(powers)), self._first + 1)

    def x(self, cost: float) -> float:
        """Return where a cost is."""
        share = (math.log2(cost) - self._first) / (self._last - self._first)
        return self.left + WIDTH * share

    def y(self, decibels: float) -> float:
        """Return where decibels are."""
        axis = self.decibels
        return _TOP + HEIGHT * (axis.high - decibels) / (axis.high - axis.low)

    def axes(self, label: str) -> list[str]:
        """Return the axes; `label` is of the costs."""
        axis, bottom = self.decibels, _TOP + HEIGHT
        parts = []
        for tick in range(round((axis.high - axis.low) / axis.step) + 1):
            value = axis.low + tick * axis.step
            y = self.y(value)
            parts.append(line((self.left, y), (self.right, y), "#e4e7eb"))
            parts.append(text(self.left - 7, y + 4, f"{value:g}", "end"))
        for power in range(self._first, self._last + 1):
            x = self.x(2.0**power)
            parts.append(line((x, _TOP), (x, bottom), "#e4e7eb"))
            parts.append(text(x, bottom + 17, f"{2.0**power:g}", "middle"))
        parts.append(line((self.left, bottom), (self.right, bottom), "#52606d"))
        parts.append(text(self.left + WIDTH / 2, bottom + 38, label, "middle"))
        parts.append(text(self.left - 7, _TOP - 12, "PSNR, dB", "start"))
        return parts


def picture(width: float, title: str, parts: Sequence[str]) -> str:
    """Return the whole SVG: one row of panels, with room above them for a legend."""
    height = _TOP + HEIGHT + _BOTTOM
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        'font-family="Helvetica, Arial, sans-serif" font-size="11.5">'
    )
    paper = f'<rect width="{width:g}" height="{height:g}" rx="10" fill="#ffffff"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", paper, *parts, "</svg>"]) + "\n"


def line(start: tuple[float, float], end: tuple[float, float], color: str) -> str:
    """Return a thin line."""
    (x1, y1), (x2, y2) = start, end
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{color}" stroke-width="1"/>'
    )


def dot(x: float, y: float, radius: float, color: str) -> str:
    """Return a filled circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{color}"/>'


def text(x: float, y: float, content: str, anchor: str) -> str:
    """Return a label; `anchor` is `start`, `middle` or `end`."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#1f2933">'
        f"{escape(content)}</text>"
    )
