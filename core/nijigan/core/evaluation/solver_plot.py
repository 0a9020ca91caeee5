"""Draws a study of solvers as SVG: how exact each is for its evaluations and for its time."""

from collections.abc import Callable, Sequence

from nijigan.core.decibel_panel import (
    COLORS_OF_ALL,
    GAP,
    LEFT,
    WIDTH,
    Decibels,
    Panel,
    dot,
    line,
    picture,
    text,
)
from nijigan.core.evaluation.solver_study import SolverRow, SolverStudy

COLORS = dict(
    zip(("euler", "midpoint", "heun", "rk4", "dopri5", "adaptive"), COLORS_OF_ALL, strict=True)
)


def draw_plot(study: SolverStudy) -> str:
    """Return an SVG of two panels: PSNR over evaluations of f per block, and over milliseconds."""
    decibels = Decibels.of([row.psnr_db for row in study.rows])
    panels: list[tuple[str, Callable[[SolverRow], float]]] = [
        ("evaluations of f per block", lambda row: row.evaluations),
        ("milliseconds for a picture", lambda row: row.milliseconds),
    ]
    parts = _legend(study.rows)
    for number, (label, of) in enumerate(panels):
        panel = _SolverPanel(LEFT + number * (LEFT + WIDTH + GAP), study.rows, of, decibels)
        parts += [*panel.draw(label), *panel.limit(study.reference_db)]
    title = f"How exact the solvers of {study.network.name} are, and what they cost"
    return picture(2 * (LEFT + WIDTH) + 2 * GAP, title, parts)


class _SolverPanel(Panel):
    """PSNR over something that costs, a line for each solver."""

    def __init__(
        self,
        left: float,
        rows: Sequence[SolverRow],
        of: Callable[[SolverRow], float],
        decibels: Decibels,
    ) -> None:
        super().__init__(left, [of(row) for row in rows], decibels)
        self.rows, self.of = rows, of

    def draw(self, label: str) -> list[str]:
        return [*self.axes(label), *(p for name in COLORS for p in self._solver(name))]

    def limit(self, decibels: float) -> list[str]:
        """Draw how exact the reference is, where the axis has it."""
        if not self.decibels.low <= decibels <= self.decibels.high:
            return []
        y = self.y(decibels)
        return [
            line((self.left, y), (self.right, y), "#a61b1b"),
            text(self.left + 6, y - 5, "the reference itself", "start"),
        ]

    def _solver(self, name: str) -> list[str]:
        points = [
            (self.x(self.of(row)), self.y(row.psnr_db)) for row in self.rows if row.solver == name
        ]
        if not points:
            return []
        color, dashed = COLORS[name], ' stroke-dasharray="5 3"' if name == "adaptive" else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn = f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"{dashed}/>'
        return [drawn, *(dot(x, y, 3.5, color) for x, y in points)]


def _legend(rows: Sequence[SolverRow]) -> list[str]:
    parts, x = [], LEFT
    for name in COLORS:
        if any(row.solver == name for row in rows):
            parts.append(dot(x, 22, 5, COLORS[name]))
            parts.append(text(x + 10, 26, name, "start"))
            x += 90
    return parts
