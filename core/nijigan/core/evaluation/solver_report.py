"""Writes down a study of solvers: as JSON, as a table, and as a plot."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nijigan.core.atomic import write_atomically
from nijigan.core.errors import OutputError
from nijigan.core.evaluation.solver_plot import draw_plot
from nijigan.core.evaluation.solver_study import REFERENCE, SolverRow, SolverStudy
from nijigan.core.machine import describe_machine

HEADINGS = (
    "solver", "steps or tolerance", "PSNR", "worst", "f per block", "f in all", "GMAC", "ms",
)  # fmt: skip


def write_report(study: SolverStudy, folder: Path) -> None:
    """Write `solvers.json`, `solvers.md` and `solvers.svg` into a folder.

    Raises:
        OutputError: it cannot be written.
    """
    report = as_json(study)
    files = {
        "solvers.json": json.dumps(report, indent=1) + "\n",
        "solvers.md": as_markdown(study, report["machine"], report["date"]),
        "solvers.svg": draw_plot(study),
    }
    for name, text in files.items():
        try:
            write_atomically(folder / name, text.encode())
        except OSError as error:
            raise OutputError(
                f"{folder / name} cannot be written ({error.strerror}).",
                "Choose another place with -o.",
            ) from error


def as_json(study: SolverStudy) -> dict[str, Any]:
    """Return all of it, with the machine, the versions and the date."""
    network = study.network
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": describe_machine("nijigan", "torch", "torchdiffeq") | {"threads": study.threads},
        "network": {
            "name": network.name,
            "config": network.config,
            "step": network.step,
            "data": network.data,
            "parameters": study.parameters,
            "blocks": study.blocks,
        },
        "size": {"width": study.width, "height": study.height},
        "photos": list(study.photos),
        "reference": asdict(REFERENCE) | {"dtype": "float64", "psnr_db": study.reference_db},
        "rows": [asdict(row) for row in study.rows],
    }


def as_markdown(study: SolverStudy, machine: dict[str, Any], date: str) -> str:
    """Return a table with what it was measured on above it."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    step = f" after {study.network.step:,} steps" if study.network.step else ""
    head = (
        f"`{study.network.name}`{step}: {study.parameters:,} parameters, {study.blocks} ODE "
        f"blocks; {len(study.photos)} photos at {study.width}×{study.height}. PSNR is on [-1, 1] "
        f"against adaptive {REFERENCE.method} at rtol = atol = {REFERENCE.rtol:g} in float64, "
        f"itself exact to {study.reference_db:.0f} dB. f: its evaluations for one picture. "
        f"ms: the median of one picture at a time in PyTorch on {machine['cpu']}, "
        f"{study.threads} of {machine['cores']} cores. {date}, {versions}."
    )
    return "\n".join([head, "", *_table(study.rows)]) + "\n"


def _table(rows: Sequence[SolverRow]) -> list[str]:
    lines = [_line(HEADINGS), _line(["---", "---", *["---:"] * (len(HEADINGS) - 2)])]
    return [*lines, *(_line(cells(row)) for row in rows)]


def _line(values: Sequence[str]) -> str:
    return f"| {' | '.join(values)} |"


def cells(row: SolverRow) -> list[str]:
    """Return what a table has of one solver, in the order of the headings."""
    return [
        row.solver,
        f"{row.steps}" if row.tolerance is None else f"{row.tolerance:g}",
        f"{row.psnr_db:.1f} dB",
        f"{row.psnr_min_db:.1f} dB",
        f"{row.evaluations:.1f}".removesuffix(".0"),
        f"{row.evaluations_total:.1f}".removesuffix(".0"),
        f"{row.gmacs:.1f}",
        f"{row.milliseconds:.0f}" if row.milliseconds >= 100 else f"{row.milliseconds:.1f}",
    ]
