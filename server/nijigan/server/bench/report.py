"""A report of times: machine and rows, as JSON and as Markdown."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nijigan.core.errors import DataError
from nijigan.core.machine import describe_machine, load_average
from nijigan.server.bench.row import Row

# Above it, other work is running.
_QUIET_LOAD = 1.0


@dataclass(frozen=True)
class Report:
    """What was timed, and on what."""

    machine: dict[str, Any]
    rows: tuple[Row, ...]

    def as_json(self) -> str:
        """Return it as JSON."""
        rows = [asdict(row) for row in self.rows]
        return json.dumps({"machine": self.machine, "rows": rows}, indent=1)

    def as_markdown(self) -> str:
        """Return it as a table, with the machine below."""
        head = (
            "style", "size", "quality", "engine", "precision", "at once", "runs", "p50 ms",
            "p90 ms", "p95 ms", "p99 ms", "pictures/s", "first ms", "load ms", "up ms",
            "device ms", "down ms", "peak MiB", "ratio", "95 %", "PSNR dB", "SSIM",
        )  # fmt: skip
        lines = [_line(head), _line(["---"] * 5 + ["--:"] * (len(head) - 5))]
        lines += [_line(_cells(row)) for row in self.rows]
        return "\n".join([*lines, "", self.about()]) + "\n"

    def about(self) -> str:
        """Return a paragraph that says what all of it was measured on."""
        machine = self.machine
        versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
        convs = sorted({(row.engine, round(row.conv_gflops)) for row in self.rows})
        peaks = ", ".join(f"{gflops} GFLOPS ({engine})" for engine, gflops in convs)
        return (
            f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
            f"{machine['os']}, Python {machine['python']}, {versions}; load {machine['load']} "
            f"before. The reference convolution reached {peaks}."
        )


def machine_facts(engines: Sequence[str]) -> dict[str, Any]:
    """Describe this machine, now, and the versions of what the engines are."""
    packages = sorted({engine.partition(":")[0] for engine in engines} & {"openvino"})
    facts = describe_machine("nijigan", "numpy", "onnxruntime", *packages)
    load = load_average()
    return {**facts, "load": None if load is None else round(load, 2)}


def busy(machine: dict[str, Any]) -> bool:
    """Whether other work was running."""
    return machine["load"] is not None and machine["load"] > _QUIET_LOAD


def read_report(path: Path) -> Report:
    """Read what `nijigan bench --json` has written.

    Raises:
        DataError: it is none.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Report(data["machine"], tuple(Row.read(row) for row in data["rows"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"'{path}' is no report ({error}).", "Give a file that `nijigan bench --json` wrote."
        ) from error


def _cells(row: Row) -> list[str]:
    return [
        row.style,
        row.size,
        row.quality,
        row.engine,
        row.precision,
        str(row.concurrency),
        str(row.iterations),
        *(f"{ms:.1f}" for ms in (row.p50_ms, row.p90_ms, row.p95_ms, row.p99_ms)),
        f"{row.pictures_per_s:.2f}",
        _optional(row.first_ms, ".0f"),
        _optional(row.load_ms, ".0f"),
        _optional(row.upload_ms, ".2f"),
        _optional(row.compute_ms, ".2f"),
        _optional(row.download_ms, ".2f"),
        _optional(row.peak_mib, ".0f"),
        f"{row.conv_ratio:.2f}",
        f"{row.conv_ratio_low:.2f}–{row.conv_ratio_high:.2f}",
        _optional(row.parity_psnr_db, ".1f"),
        _optional(row.parity_ssim, ".4f"),
    ]


def _optional(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
