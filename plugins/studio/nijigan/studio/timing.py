"""Times a style by `nijigan bench`, in a process of its own, and reads its reports."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from nijigan.client.errors import CancelledError
from nijigan.core.errors import EngineError
from nijigan.server.bench.report import Report, read_report
from nijigan.studio.work import Work

_POLL_SECONDS = 0.1
_LAST = 300
_SIZE = "512x512"
_QUALITIES = "draft,normal,fine"


def time_style(style: str, target: Path, work: Work[Any]) -> Report:
    """Time a style's qualities at 512x512 on this machine, and write the report to `target`.

    Raises:
        CancelledError: the work was cancelled. EngineError: the command failed.
        DataError: it wrote no report.
    """
    command = [sys.executable, "-m", "nijigan.core", "bench", style, "--json", "--no-cold"]
    command += ["--sizes", _SIZE, "--qualities", _QUALITIES]
    said = target.with_suffix(".log")
    with target.open("wb") as report, said.open("wb") as log:
        process = subprocess.Popen(command, stdout=report, stderr=log, stdin=subprocess.DEVNULL)
        try:
            while True:
                work.tell(0.0, f"timing {style} at {_SIZE}: about half a minute")
                try:
                    code = process.wait(_POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    continue
        except CancelledError:
            process.terminate()
            process.wait()
            raise
    if code:
        text = said.read_text(encoding="utf-8", errors="replace").strip()[-_LAST:]
        raise EngineError(f"The timing failed: {text}", "Try it in a terminal: nijigan bench")
    return read_report(target)
