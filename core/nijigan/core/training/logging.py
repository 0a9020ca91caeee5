"""Where a run writes its figures: `metrics.jsonl` is the truth, TensorBoard a view of it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from torch.utils.tensorboard import SummaryWriter

from nijigan.core.atomic import write_atomically

METRICS_FILE = "metrics.jsonl"


class RunLog:
    """Appends figures to a run's files and says one line about them.

    Lines after `step`, which an interrupted run left behind its last checkpoint, are dropped.

    Args:
        folder: the run folder.
        step: the step that the run starts or goes on from.
        steps: the step that it ends at.
        say: takes the lines for the console.
        writes: whether there are files; of several processes one writes them.
    """

    def __init__(
        self,
        folder: Path,
        step: int,
        steps: int,
        say: Callable[[str], None],
        writes: bool = True,
    ) -> None:
        self.steps = steps
        self.say = say
        self.writes = writes
        self.first = self.last = (step, time.monotonic())
        if not writes:
            return
        path = folder / METRICS_FILE
        _drop_after(path, step)
        self.file = path.open("a", encoding="utf-8")
        self.board = SummaryWriter(str(folder / "tb"), purge_step=step + 1)

    def __enter__(self) -> "RunLog":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.writes:
            self.file.close()
            self.board.close()

    def write(self, step: int, figures: dict[str, float]) -> None:
        """Record the figures of a step that is done."""
        if not self.writes:
            return
        self.file.write(json.dumps({"step": step, **figures}) + "\n")
        self.file.flush()
        for name, value in figures.items():
            self.board.add_scalar(name, value, step)

    def write_progress(self, step: int, figures: dict[str, float]) -> None:
        """Record the figures with the speed since the last ones, and say the time that is left."""
        now = (step, time.monotonic())
        seconds = _speed(self.last, now)
        self.last = now
        self.write(step, {**figures, "seconds_per_step": seconds})
        # Shares are for the file: the line is long enough.
        shown = "  ".join(f"{name} {v:.4g}" for name, v in figures.items() if "/" not in name)
        # The whole session's mean is steadier: a sample grid makes one interval slow.
        left = _duration(_speed(self.first, now) * (self.steps - step))
        self.say(f"step {step}/{self.steps}  {shown}  {seconds:.3f} s/step  {left} left")


class Mean:
    """The mean of each figure since it was last asked for; steps may lack some."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {}

    def add(self, figures: dict[str, float]) -> None:
        """Take the figures of one step."""
        for name, value in figures.items():
            self._values.setdefault(name, []).append(value)

    def mean(self) -> dict[str, float]:
        """Return the means and forget."""
        means = {name: sum(values) / len(values) for name, values in self._values.items()}
        self._values.clear()
        return means


def _speed(before: tuple[int, float], after: tuple[int, float]) -> float:
    """Return seconds per step between two (step, seconds)."""
    return (after[1] - before[1]) / max(1, after[0] - before[0])


def _drop_after(path: Path, step: int) -> None:
    if not path.is_file():
        return
    kept = [line for line in _whole_lines(path) if json.loads(line)["step"] <= step]
    write_atomically(path, "".join(line + "\n" for line in kept).encode())


def _whole_lines(path: Path) -> list[str]:
    """Return the lines, without a last one that a crash cut short."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
