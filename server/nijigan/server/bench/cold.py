"""How long a style takes to load and to draw its first picture, and the memory for it.

Each is measured in a process of its own, for what is loaded once is never loaded as slowly again,
and memory that was given back once is not asked for again.
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from nijigan.core.errors import EngineError
from nijigan.core.machine import peak_memory_mib
from nijigan.export.style import load_style
from nijigan.server.bench.case import Case
from nijigan.server.bench.picture import noise_picture
from nijigan.server.cancel import Cancel
from nijigan.server.engines import open_engine


@dataclass(frozen=True)
class Cold:
    """A fresh process that draws one picture."""

    load_ms: float
    """From the folder to a graph that is ready, without starting Python."""
    first_ms: float
    """The first picture."""
    peak_mib: float | None
    """The most memory that the process had, with its libraries; None where no one says."""


def cold_start(case: Case) -> Cold:
    """Measure a case, one picture at a time.

    Raises:
        EngineError: it cannot be run.
    """
    command = [sys.executable, "-m", __name__, str(case.style.folder), case.quality, case.engine]
    command += [case.size, str(case.threads or 0)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise EngineError(
            f"{case.style.name} at {case.size} on {case.engine} cannot be timed: {last}",
            "Leave it out.",
        )
    return Cold(**json.loads(result.stdout))


def _measure(folder: str, quality: str, engine: str, size: str, threads: str) -> Cold:
    width, height = map(int, size.split("x"))
    begin = time.perf_counter()
    style = load_style(Path(folder), verify=False)
    opened = open_engine(style, quality, engine, int(threads) or None)
    loaded = time.perf_counter()
    opened.run(noise_picture(width, height, style.input_multiple), 1.0, Cancel())
    drawn = time.perf_counter()
    return Cold(1000 * (loaded - begin), 1000 * (drawn - loaded), peak_memory_mib())


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(*sys.argv[1:]))))
