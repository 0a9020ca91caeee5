"""Two tables of any set of styles and runs: how they draw, and what that costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nijigan.core.drawers import Drawer, NetworkFacts
from nijigan.core.errors import ModelNotFoundError, UsageError
from nijigan.core.evaluation.drawing_cost import (
    FEW,
    MANY,
    SIDE,
    DrawingCost,
    solve_with,
    time_drawing,
)
from nijigan.core.evaluation.drawn_folder import DrawnFolder, drawing_with, open_source
from nijigan.core.evaluation.evaluate import PHOTO, REFERENCE, Evaluation, evaluate
from nijigan.core.evaluation.held_out import HeldOut
from nijigan.core.evaluation.measures import Measure
from nijigan.core.evaluation.report import NOTHING, about, heading, interval_text, notes, value_text
from nijigan.core.machine import describe_machine
from nijigan.core.models.summary import summarize
from nijigan.core.network_drawer import NetworkDrawer
from nijigan.core.ode import Adaptive

Progress = Callable[[float, str], None]

_HOW_IT_RAN = {
    "data": {"folder", "memory", "license"},
    "features": {"file"},
    "train": {
        "log_every", "shares_every", "sample_every", "sample_count", "sample_side", "val_count",
        "checkpoint_every", "keep", "threads", "device", "accumulate", "checkpointing",
        "channels_last",
    },
    "model": {"solver", "steps"},
}  # fmt: skip
"""Keys of a recipe that say how and where a run ran, not what it learned by; the solver that draws
is told by itself."""
_FIRST = ("method.name", "method.content", "model.name", "solver", "steps trained")
"""Keys of the report's ablation, which come first."""


@dataclass(frozen=True)
class Row:
    """One source, or one solver of it."""

    name: str
    network: NetworkFacts | None
    gmacs: float | None
    """10⁹ multiply-accumulates for one picture of 256×256."""
    cost: DrawingCost | None
    """None of drawings that are there already."""


@dataclass(frozen=True)
class Comparison:
    """All sources, with what they were measured on."""

    evaluation: Evaluation
    rows: tuple[Row, ...]
    date: str
    machine: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "date": self.date,
            "machine": dict(self.machine),
            "side": SIDE,
            "pictures": [FEW, MANY],
            "rows": [asdict(row) for row in self.rows],
            "evaluation": self.evaluation.as_json(),
        }


def compare(
    sources: Sequence[str],
    solvers: Sequence[str],
    held_out: HeldOut,
    measures: Sequence[Measure],
    progress: Progress,
) -> Comparison:
    """Measure sources and time them, one after another.

    Args:
        sources: see `open_source`.
        solvers: `NAME:STEPS`, each of which solves every source that has an ODE; without, each is
            drawn with its own.
        held_out: what is drawn.
        measures: see `make_measures`.
        progress: is told the part that is done, 0…1, and what is being done.

    Raises:
        UsageError: a name that means nothing, or two sources of one name.
        NijiganError: as `open_source` and `evaluate` say.
    """
    variants = [variant for source in sources for variant in _variants(source, solvers)]
    drawings = {variant.name: drawing_with(variant.opened, 1.0) for variant in variants}
    if len(drawings) < len(variants):
        raise UsageError("Two sources have one name.", "Rename the folder of one of them.")
    evaluation = evaluate(drawings, held_out, measures, progress)
    rows = []
    for count, variant in enumerate(variants, start=1):
        progress(count / len(variants), f"timing {variant.name}")
        rows.append(_row(variant, held_out))
    return Comparison(
        evaluation,
        tuple(rows),
        datetime.now(UTC).date().isoformat(),
        describe_machine("nijigan", "torch", "onnxruntime"),
    )


def as_markdown(comparison: Comparison, ablation: bool = False) -> str:
    """Return both tables with what they were measured on; of an ablation, what differs first."""
    result, machine = comparison.evaluation, comparison.machine
    differing = _differences(comparison.rows) if ablation else {}
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    parts = [
        f"{comparison.date}: {about(result)}. Means over pictures ± standard deviation, "
        "[95 % interval by bootstrap over pictures].",
        _quality(result, differing),
        "\n".join(f"- {note}" for note in notes(result)),
        f"One picture of {SIDE}×{SIDE} at a time, on {machine['cpu']} ({machine['cores']} cores, "
        f"{machine['os']}, Python {machine['python']}, {versions}); each source in a fresh "
        "process, whose peak memory has its libraries in it. GMAC: 10⁹ multiply-accumulates of "
        "convolution and linear layers.",
        _costs(comparison.rows),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


@dataclass(frozen=True)
class _Variant:
    source: str
    solver: str
    name: str
    opened: Drawer | DrawnFolder


def _variants(source: str, solvers: Sequence[str]) -> list[_Variant]:
    """Return a source, or where it has an ODE one of it for each solver."""
    opened = open_source(source)
    if not (solvers and isinstance(opened, NetworkDrawer) and opened.solver):
        return [_Variant(source, "", opened.name, opened)]
    variants = []
    for solver in solvers:
        drawer = NetworkDrawer.load(Path(source))
        solve_with(drawer, solver)
        variants.append(_Variant(source, solver, f"{drawer.name} {solver}", drawer))
    return variants


def _row(variant: _Variant, held_out: HeldOut) -> Row:
    if isinstance(variant.opened, DrawnFolder):
        return Row(variant.name, None, None, None)
    photos = (sample.photo for sample in held_out.samples())
    cost = time_drawing(variant.source, variant.solver, photos)
    network = variant.opened.network
    return Row(variant.name, network, _gmacs(network), cost)


def _gmacs(network: NetworkFacts | None) -> float | None:
    """None of an algorithm, an adaptive solver, and a network that this nijigan does not know."""
    if network is None:
        return None
    try:
        macs = summarize(network.name, **network.config).macs
    except ModelNotFoundError:
        return None
    return None if macs is None else macs / 1e9


def _quality(result: Evaluation, differing: Mapping[str, Mapping[str, str]]) -> str:
    keys = list(dict.fromkeys(key for row in differing.values() for key in row))
    headings = ["", *keys, *(heading(figure) for figure in result.figures)]
    rows = []
    names = dict.fromkeys(name for figure in result.figures for name in figure.values)
    for name in sorted(names, key=lambda name: name in (PHOTO, REFERENCE)):
        cells = [
            f"{value_text(figure, estimate)} {interval_text(figure, estimate)}".strip()
            for figure in result.figures
            for estimate in (figure.values.get(name),)
        ]
        label = f"{name} (no-op)" if name == PHOTO else name
        rows.append([label, *(differing.get(name, {}).get(key, NOTHING) for key in keys), *cells])
    return _table(headings, rows)


def _costs(rows: Sequence[Row]) -> str:
    headings = [
        "", "parameters", "solver", "GMAC", f"{FEW} pictures, s", f"{MANY} pictures, s",
        "each of them, ms", "peak memory, MiB",
    ]  # fmt: skip
    return _table(headings, [_cost_cells(row) for row in rows])


def _cost_cells(row: Row) -> list[str]:
    cells = [row.name, NOTHING, NOTHING, NOTHING]
    if row.network:
        cells = [
            row.name,
            f"{row.network.parameters:,}",
            _solver_of(row.network) or NOTHING,
            NOTHING if row.gmacs is None else f"{row.gmacs:.2f}",
        ]
    if row.cost is None:
        return [*cells, NOTHING, NOTHING, NOTHING, NOTHING]
    return [
        *cells,
        f"{row.cost.few_seconds:.2f}",
        f"{row.cost.many_seconds:.2f}",
        f"{1000 * row.cost.many_seconds / MANY:.1f}",
        NOTHING if row.cost.peak_mib is None else f"{row.cost.peak_mib:.0f}",
    ]


def _solver_of(network: NetworkFacts) -> str:
    solver = str(network.config.get("solver", ""))
    fixed = solver and solver != Adaptive.name
    return f"{solver}:{network.config.get('steps', 1)}" if fixed else solver


def _differences(rows: Sequence[Row]) -> dict[str, dict[str, str]]:
    """Return by row what its recipe and solver have that not all have.

    What some recipes do not have, the options of another network, say, is compared among the rest.
    """
    known = {row.name: _choices(row.network) for row in rows if row.network}
    keys = dict.fromkeys(key for choices in known.values() for key in choices)
    differing = [
        key
        for key in keys
        if len({choices[key] for choices in known.values() if key in choices}) > 1
    ]
    order = sorted(differing, key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))
    return {
        name: {key: choices.get(key, NOTHING) for key in order} for name, choices in known.items()
    }


def _choices(network: NetworkFacts) -> dict[str, str]:
    choices = {
        f"{section}.{key}": str(value)
        for section, table in network.recipe.items()
        for key, value in table.items()
        if key not in _HOW_IT_RAN.get(section, ())
    }
    # Of the checkpoint, not of the recipe: a run that was stopped must not pass for a whole one.
    trained = NOTHING if network.step is None else f"{network.step:,}"
    return choices | {
        "solver": _solver_of(network) or "none",
        "steps trained": trained,
        "split": network.split_sha256[:12] or NOTHING,
    }


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    align = ["---", *["--:"] * (len(headings) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, align, *rows))
