"""Draws the data flow of a network as SVG: slabs from left to right, as high as the map is large.

Only shapes and text of the SVG standard, the viewer's own sans-serif font, every number rounded:
the same figure is the same file everywhere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from xml.sax.saxutils import escape

INK, SOFT, LINE = "#1f2933", "#52606d", "#8895a3"
ROLES = {
    # front, side and top, outline
    "picture": ("#e4e7eb", "#cbd2d9", "#7b8794"),
    "encoder": ("#a9cdf0", "#7fb0e0", "#3d74ab"),
    "middle": ("#fbd08f", "#f2b45c", "#b3741a"),
    "decoder": ("#b0ddb8", "#84c490", "#3f8a4f"),
    "style": ("#d9c3ec", "#bd9ddb", "#7a4fa3"),
    "verdict": ("#f5b5ae", "#e88d83", "#b04a3f"),
}
DEPTH = 6
MARGINS = {"residual": 22.0, "ode": 26.0}
SMALL, NORMAL, LARGE = 10.5, 11.5, 14.0


@dataclass(frozen=True)
class Stage:
    """What one slab stands for."""

    shape: tuple[int, ...]
    """(channels, height, width), or (numbers,)."""
    operations: tuple[str, ...]
    """What leads to it, a line each."""
    role: str
    repeat: int = 1
    wrap: str = ""
    """`residual` or `ode`: what surrounds the slab."""
    note: tuple[str, ...] = ()
    """Lines above it."""


@dataclass(frozen=True)
class Node:
    """A box with words, beside the row of slabs."""

    lines: tuple[str, ...]
    role: str = "style"


@dataclass(frozen=True)
class Branch:
    """What leaves the row below one slab and comes back below others, by way of boxes."""

    start: int | None
    """Which slab it leaves; None: it begins with its first box."""
    nodes: tuple[Node, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """One way through a network."""

    title: str
    facts: str
    stages: tuple[Stage, ...]
    skips: tuple[tuple[int, int], ...] = ()
    """Slabs whose maps are also handed to later ones."""
    branches: tuple[Branch, ...] = ()


@dataclass
class Canvas:
    """What has been drawn so far."""

    elements: list[str] = field(default_factory=list)

    def add(self, tag: str, **attributes: object) -> None:
        self.elements.append(f"<{tag}{_attributes(attributes)}/>")

    def text(
        self, x: float, y: float, line: str, *, size: float = NORMAL, fill: str = INK,
        anchor: str = "middle", weight: str = "normal", style: str = "normal",
    ) -> None:  # fmt: skip
        how = _attributes(
            {
                "x": x, "y": y, "font-size": size, "fill": fill, "text-anchor": anchor,
                "font-weight": weight, "font-style": style,
            }
        )  # fmt: skip
        self.elements.append(f"<text{how}>{escape(line)}</text>")

    def heading(self, x: float, y: float, title: str, facts: str) -> None:
        """Write the facts after the title, wherever the viewer's font lets it end."""
        self.elements.append(
            f'<text x="{_number(x)}" y="{_number(y)}"><tspan font-size="{_number(LARGE)}" '
            f'font-weight="bold" fill="{INK}">{escape(title)}</tspan>'
            f'<tspan dx="14" font-size="{_number(NORMAL)}" fill="{SOFT}">{escape(facts)}</tspan>'
            "</text>"
        )

    def line(
        self, points: Sequence[tuple[float, float]], *, arrow: bool = True, color: str = SOFT,
        dashed: bool = False, width: float = 1.4,
    ) -> None:  # fmt: skip
        path = "M" + " L".join(f"{_number(x)},{_number(y)}" for x, y in points)
        extra = {"stroke-dasharray": "4 3"} if dashed else {}
        self.add("path", d=path, fill="none", stroke=color, stroke_width=width, **extra)
        if arrow:
            self._head(points[-2], points[-1], color)

    def _head(self, before: tuple[float, float], tip: tuple[float, float], color: str) -> None:
        angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
        corners = [tip]
        for turn in (2.7, -2.7):
            corners.append(
                (tip[0] + 7 * math.cos(angle + turn), tip[1] + 7 * math.sin(angle + turn))
            )
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)
        self.add("polygon", points=points, fill=color)

    def slab(self, x: float, axis: float, width: float, height: float, role: str) -> None:
        """Draw a box seen from the left and a little from above, its front around the axis."""
        front, side, outline = ROLES[role]
        top, bottom, right = axis - height / 2, axis + height / 2, x + width
        how = {"stroke": outline, "stroke_width": 1, "stroke_linejoin": "round"}
        self.add("rect", x=x, y=top, width=width, height=height, fill=front, **how)
        lid = [(x, top), (x + DEPTH, top - DEPTH), (right + DEPTH, top - DEPTH), (right, top)]
        face = [
            (right, top),
            (right + DEPTH, top - DEPTH),
            (right + DEPTH, bottom - DEPTH),
            (right, bottom),
        ]
        for corners in (lid, face):
            points = " ".join(f"{_number(a)},{_number(b)}" for a, b in corners)
            self.add("polygon", points=points, fill=side, **how)

    def svg(self, width: float, height: float, description: str) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_number(width)} '
            f'{_number(height)}" width="{_number(width)}" height="{_number(height)}" role="img" '
            'font-family="Helvetica, Arial, sans-serif">'
        )
        card = f'<rect width="{_number(width)}" height="{_number(height)}" rx="10" fill="#ffffff"/>'
        lines = [head, f"<title>{escape(description)}</title>", card, *self.elements, "</svg>"]
        return "\n".join(lines) + "\n"


def draw_figure(description: str, rows: Sequence[Row]) -> str:
    """Return the SVG of rows below each other."""
    canvas = Canvas()
    width, y = 0.0, 14.0
    for row in rows:
        right, y = _draw_row(canvas, row, y)
        width = max(width, right)
    return canvas.svg(width + 24, y + 6, description)


@dataclass(frozen=True)
class _Column:
    """Where a stage is drawn."""

    stage: Stage
    center: float
    width: float
    height: float

    @property
    def left(self) -> float:
        return self.center - self.width / 2

    @property
    def right(self) -> float:
        return self.center + self.width / 2 + DEPTH

    @property
    def margin(self) -> float:
        """Between the slab and what surrounds it, at either side."""
        return MARGINS.get(self.stage.wrap, 0.0)


def _draw_row(canvas: Canvas, row: Row, y: float) -> tuple[float, float]:
    """Draw a row from `y` down; return its right and its lower end."""
    columns = _columns(row.stages)
    tallest = max(column.height for column in columns)
    above = max((_wrap_room(c.stage) + 13 * len(_notes(c.stage)) for c in columns), default=0)
    canvas.heading(24, y + 16, row.title, row.facts)
    right = max(
        columns[-1].center + 36,
        40 + _text_width(row.title, LARGE) * 1.15 + _text_width(row.facts, NORMAL),
    )
    axis = y + 40 + max(above, 8) + tallest / 2
    floor = axis + tallest / 2 + 12
    for before, column in pairwise(columns):
        start = before.right + before.margin
        end = column.left - column.margin
        canvas.line([(start + 2, axis), (end - 1, axis)])
    for start, end in row.skips:
        _draw_skip(canvas, columns[start], columns[end], axis)
    if row.skips:
        start, end = max(row.skips, key=lambda skip: skip[1] - skip[0])
        middle = (columns[start].center + columns[end].center) / 2
        y = axis - columns[start].height / 2 - 2
        canvas.text(middle, y, "concatenated", size=SMALL, fill=SOFT)
    for column in columns:
        _draw_column(canvas, column, axis)
    bottom = _draw_labels(canvas, columns, floor)
    for branch in row.branches:
        bottom = _draw_branch(canvas, columns, branch, bottom)
    return right, bottom + 14


def _columns(stages: Sequence[Stage]) -> list[_Column]:
    columns: list[_Column] = []
    shared = _shared(stages)
    x = 24.0
    for index, stage in enumerate(stages):
        lines = ["", _size(stage), str(stage.shape[0])]
        lines += [] if shared[index] else stage.operations
        words = max(_text_width(line, SMALL) for line in lines)
        words = max([words, *(_text_width(line, SMALL) for line in stage.note)])
        width = 5 + 3 * math.log2(stage.shape[0])
        half = max(words, width + DEPTH + 2 * MARGINS.get(stage.wrap, 0) + 14) / 2 + 6
        columns.append(_Column(stage, x + half, width, _height(stage)))
        x += 2 * half
    return columns


def _label(stage: Stage) -> tuple[object, ...]:
    """Return what is written below a slab: neighbors that agree in it share it."""
    return stage.operations, stage.wrap, stage.repeat if stage.wrap else 0


def _shared(stages: Sequence[Stage]) -> list[bool]:
    """Return for each stage whether a neighbor has the same label."""
    shared: list[bool] = []
    for _, group in groupby(stages, _label):
        alike = list(group)
        shared += [len(alike) > 1] * len(alike)
    return shared


def _height(stage: Stage) -> float:
    side = stage.shape[-2] if len(stage.shape) == 3 else 1
    return 18 + 17 * math.log2(max(side, 1))


def _size(stage: Stage) -> str:
    if len(stage.shape) < 3:
        return "numbers"
    return f"{stage.shape[1]}×{stage.shape[2]}"


def _notes(stage: Stage) -> tuple[str, ...]:
    """Return what is written above; how many blocks too, where no frame says it."""
    return stage.note if stage.wrap or stage.repeat == 1 else (*stage.note, f"{stage.repeat} ×")


def _wrap_room(stage: Stage) -> float:
    return {"residual": 30.0, "ode": 40.0}.get(stage.wrap, 0.0)


def _draw_column(canvas: Canvas, column: _Column, axis: float) -> None:
    stage = column.stage
    if stage.wrap:
        _draw_wrap(canvas, column, axis)
    canvas.slab(column.left, axis, column.width, column.height, stage.role)
    top = axis - column.height / 2 - DEPTH - _wrap_room(stage) - 5
    for number, line in enumerate(reversed(_notes(stage))):
        canvas.text(column.center + 3, top - 13 * number, line, size=SMALL, fill=INK)


def _draw_wrap(canvas: Canvas, column: _Column, axis: float) -> None:
    """Draw what is around a slab of blocks: their frame, the way around them or the loop in it."""
    stage = column.stage
    outline = ROLES[stage.role][2]
    left, right = column.left - column.margin, column.right + column.margin
    room = _wrap_room(stage)
    top, bottom = axis - column.height / 2 - DEPTH - room, axis + column.height / 2 + 8
    frame = {"stroke_dasharray": "4 3"} if stage.wrap == "residual" else {}
    canvas.add(
        "rect", x=left, y=top, width=right - left, height=bottom - top, rx=9,
        fill="#fffaf0" if stage.role == "middle" else "#fafbfc",
        stroke=outline, stroke_width=1.2, **frame,
    )  # fmt: skip
    over = axis - column.height / 2 - DEPTH - 7
    canvas.line([(left, axis), (column.left - 2, axis)], arrow=False)
    start, end = (left + 9, axis), (right - 9, axis)
    canvas.line([(column.right - 1, axis), (right, axis)], arrow=False)
    if stage.wrap == "residual":
        canvas.line([start, (start[0], over), (end[0], over), (end[0], axis - 7)], color=outline)
        _plus(canvas, end[0], axis, outline)
    else:  # out of f and into it again
        back = [(end[0], axis), (end[0], over), (start[0], over), (start[0], axis - 1)]
        canvas.line(back, color=outline)
        canvas.text(column.center + 3, over - 6, "dh/dt = f(h)", size=SMALL, style="italic")
    canvas.text(
        column.center + 3, top + 14, f"{stage.repeat} ×", size=NORMAL, weight="bold", fill=outline
    )


def _plus(canvas: Canvas, x: float, y: float, color: str) -> None:
    canvas.add("circle", cx=x, cy=y, r=6, fill="#ffffff", stroke=color, stroke_width=1.2)
    canvas.line([(x - 3, y), (x + 3, y)], arrow=False, color=color)
    canvas.line([(x, y - 3), (x, y + 3)], arrow=False, color=color)


def _draw_skip(canvas: Canvas, start: _Column, end: _Column, axis: float) -> None:
    y = axis - start.height / 2 + 3
    canvas.line([(start.right, y), (end.left - 1, y)], color=LINE, width=1.1)


def _draw_labels(canvas: Canvas, columns: Sequence[_Column], floor: float) -> float:
    """Write under every slab its shape and, once for alike neighbors, what leads to it."""
    lowest = floor + 28
    for column in columns:
        x = column.center + DEPTH / 2
        canvas.text(x, floor + 14, str(column.stage.shape[0]), weight="bold")
        canvas.text(x, floor + 28, _size(column.stage), size=SMALL)
    for _, group in groupby(columns, lambda column: _label(column.stage)):
        alike = list(group)
        y = floor + 38.0
        if len(alike) > 1:
            ends = (alike[0].center - 12, alike[-1].center + 12 + DEPTH)
            canvas.line([(ends[0], y), (ends[1], y)], arrow=False, color=LINE, width=1.0)
        for line in alike[0].stage.operations:
            y += 13.5
            middle = (alike[0].center + alike[-1].center + DEPTH) / 2
            canvas.text(middle, y, line, size=SMALL, fill=SOFT)
        lowest = max(lowest, y)
    return lowest


def _draw_branch(
    canvas: Canvas, columns: Sequence[_Column], branch: Branch, bottom: float
) -> float:
    """Draw boxes in a line below everything; return where they end."""
    color = ROLES["style"][2]
    heights = [14 + 14 * len(node.lines) for node in branch.nodes]
    y = bottom + 32 + max(heights) / 2
    target = columns[branch.ends[0]].center - 24
    widths = [max(_text_width(line, SMALL) for line in n.lines) + 20 for n in branch.nodes]
    total = sum(widths) + 22 * (len(widths) - 1)
    x = max(24.0, target - total - 16)
    if branch.start is not None:
        x = max(x, columns[branch.start].center + 26)
        start = columns[branch.start].center + DEPTH / 2
        canvas.line([(start, bottom + 6), (start, y), (x - 1, y)], color=color)
    for node, width, height in zip(branch.nodes, widths, heights, strict=True):
        front, _side, outline = ROLES[node.role]
        canvas.add(
            "rect", x=x, y=y - height / 2, width=width, height=height, rx=7, fill=front,
            stroke=outline, stroke_width=1,
        )  # fmt: skip
        for number, line in enumerate(node.lines):
            at = y - 7 * (len(node.lines) - 1) + 14 * number + 4
            canvas.text(x + width / 2, at, line, size=SMALL)
        x += width + 22
        if node is not branch.nodes[-1]:
            canvas.line([(x - 22, y), (x - 1, y)], color=color)
    x -= 22 + widths[-1] / 2
    rail = bottom + 20
    for end in branch.ends:
        at = columns[end].center + DEPTH / 2
        path = [(x, y - heights[-1] / 2), (x, rail), (at, rail), (at, bottom + 5)]
        canvas.line(path, color=color)
    return y + max(heights) / 2


def _text_width(line: str, size: float) -> float:
    return 0.56 * size * len(line)


def _attributes(values: dict[str, object]) -> str:
    return "".join(
        f' {name.replace("_", "-")}="{_number(v) if isinstance(v, int | float) else v}"'
        for name, v in values.items()
        if v != "normal"
    )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
