"""Reads the folders of training runs, while they are written too."""

import json
import math
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONFIG_FILE = "config.toml"
METRICS_FILE = "metrics.jsonl"
_DEPTH = 2
Point = tuple[int, float]


@dataclass(frozen=True)
class Run:
    """A run as it is now.

    figures: (step, value) of each, by name, in order. samples: the grids, the oldest first.
    trouble: what cannot be read of it, in sentences.
    """

    folder: Path
    name: str
    method: str = ""
    model: str = ""
    steps: int = 0
    figures: dict[str, list[Point]] = field(default_factory=dict)
    samples: tuple[Path, ...] = ()
    trouble: tuple[str, ...] = ()

    @property
    def step(self) -> int:
        """The last step that it has figures of."""
        return max((points[-1][0] for points in self.figures.values()), default=0)


def find_runs(folder: Path) -> list[Path]:
    """Return the run folders in `folder`, itself or up to two levels below, by path."""
    found = [folder] if _is_run(folder) else []
    level = [folder]
    for _ in range(_DEPTH):
        level = [inside for each in level if not _is_run(each) for inside in _folders(each)]
        found += filter(_is_run, level)
    return sorted(found)


def read_run(folder: Path, name: str) -> Run:
    """Return what is in a run folder; what is damaged is told in it."""
    trouble: list[str] = []
    config = _read_config(folder / CONFIG_FILE, trouble)
    figures = _read_figures(folder / METRICS_FILE, trouble)
    return Run(
        folder,
        name,
        str(_section(config, "method").get("name", "")),
        str(_section(config, "model").get("name", "")),
        _whole(_section(config, "train").get("steps")),
        figures,
        tuple(sorted((folder / "samples").glob("step_*.png"))),
        tuple(trouble),
    )


def _is_run(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (CONFIG_FILE, METRICS_FILE))


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]
    except OSError:
        return []


def _read_config(path: Path, trouble: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        trouble.append(f"It has no {CONFIG_FILE}.")
    except (OSError, ValueError) as error:
        trouble.append(f"Its {CONFIG_FILE} cannot be read ({error}).")
    return {}


def _read_figures(path: Path, trouble: list[str]) -> dict[str, list[Point]]:
    figures: dict[str, list[Point]] = {}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        trouble.append("It has no figures yet.")
        return figures
    except OSError as error:
        trouble.append(f"Its {METRICS_FILE} cannot be read ({error.strerror}).")
        return figures
    damaged = 0
    lines = text.split("\n")[:-1]  # without one that is being written
    for line in lines:
        try:
            said = json.loads(line)
            step = int(said.pop("step"))
            values = {str(name): float(value) for name, value in said.items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            damaged += 1
            continue
        for name, value in values.items():
            if math.isfinite(value):
                figures.setdefault(name, []).append((step, value))
    if damaged:
        trouble.append(f"{damaged} of {len(lines)} lines of its {METRICS_FILE} cannot be read.")
    elif not figures:
        trouble.append("It has no figures yet.")
    return figures


def _section(config: dict[str, Any], name: str) -> dict[str, Any]:
    section = config.get(name)
    return section if isinstance(section, dict) else {}


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
