"""Lets clients of every kind draw by one sidecar for a while, and writes down how it took that.

    python scripts/soak.py --minutes 20 -o docs/soak.md

Clients are processes; each makes one kind of request, or two in turn. Those that draw ask again as
soon as they have their answer, so that the sidecar has more to do than it can all the time; the
others ask every second. There are no more clients than may wait: SERVER_BUSY is an error, but for
the client that cancels, whose next request may come before the place of its last one is free: it
asks again, as plugins do. The sidecar passes if its memory at the end is within 5 % of what it was
when it had warmed up, if no request failed that should not have, if those that should have did, and
if for each kind 99 of 100 requests took at most three times as long as the middle one. The exit
code says it.
"""

import argparse
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from threading import Event

import numpy as np
from PIL import Image

from nijigan.client import Client, connect
from nijigan.client.errors import CancelledError, StylizerError
from nijigan.server.bench.report import machine_facts

STYLE = "cel"
MOST_GROWTH = 0.05
MOST_SPREAD = 3.0
WARM_UP = 0.25  # of the time, after which memory is first looked at


@dataclass(frozen=True)
class Kind:
    """A kind of request.

    pause: seconds between two; fails: the reason it is refused with; patient: asks again when told
    that the sidecar is busy.
    """

    name: str
    ask: Callable[[Client], object]
    pause: float = 0.0
    fails: str = ""
    patient: bool = False


@dataclass
class Record:
    """What became of the requests of a kind."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def noise(height: int, width: int, kind: str = "u1", seed: int = 0) -> bytes:
    """Return RGBA pixels that no codec and no branch can make short work of."""
    values = np.random.default_rng(seed).random((height, width, 4), np.float32)
    most = {"u1": 255, "<u2": 65535, "<f4": 1}[kind]
    return (values * most).astype(kind).tobytes()


def clients() -> list[tuple[Kind, ...]]:
    """Return what each client asks for, in turn."""
    small, hd = noise(512, 512), noise(1080, 1920)
    deep, light = noise(600, 800, "<u2"), noise(400, 500, "<f4")
    file = io.BytesIO()
    Image.frombytes("RGBA", (640, 480), noise(480, 640)).save(file, "PNG", compress_level=1)
    frames = [(noise(240, 320, seed=seed), 320, 240) for seed in range(12)]

    def cancelled(client: Client) -> None:
        stop = Event()
        client.stylize(
            hd, 1920, 1080, style=STYLE, scale="native", cancel=stop,
            on_progress=lambda _done, _stage: stop.set(),  # told when it is its turn
        )  # fmt: skip

    def animation(client: Client) -> None:
        drawn = [frame.error for frame in client.stylize_frames(frames, style=STYLE)]
        assert drawn == [None] * len(frames), drawn

    def reloaded(client: Client) -> None:
        client.unload_style(STYLE)
        client.load_style(STYLE)

    def told(client: Client) -> None:
        client.server_info()
        client.list_styles()

    draw = partial(Client.stylize, style=STYLE)
    return [
        (
            Kind("512² RGBA8", lambda c: draw(c, small, 512, 512)),
            Kind("512² with a preview", lambda c: draw(c, small, 512, 512, on_preview=_ignored)),
        ),
        (Kind("1080p, batch", lambda c: draw(c, hd, 1920, 1080, batch=True)),),
        (
            Kind(
                "a region of 1080p",
                lambda c: draw(c, hd, 1920, 1080, scale="native", region=(700, 400, 300, 200)),
            ),
        ),
        (
            Kind("800×600 RGBA16", lambda c: draw(c, deep, 800, 600, format="RGBA16")),
            Kind(
                "500×400 RGBA32F, draft",
                lambda c: draw(c, light, 500, 400, format="RGBA32F", quality="draft"),
            ),
        ),
        (Kind("a PNG file, 640×480", lambda c: draw(c, file.getvalue(), 0, 0, format="ENCODED")),),
        (Kind("12 frames of 320×240", animation),),
        (Kind("cancelled while it is drawn", cancelled, fails="CANCELLED", patient=True),),
        (Kind("unload and load", reloaded, pause=20.0),),
        (Kind("what the sidecar is, and its styles", told, pause=1.0),),
        (
            Kind(
                "a style that is not there",
                lambda c: c.stylize(small, 512, 512, style="no_such_style"),
                pause=1.0,
                fails="STYLE_NOT_FOUND",
            ),
            Kind(
                "bytes that are no picture",
                lambda c: c.stylize(b"junk" * 1000, 0, 0, style=STYLE, format="ENCODED"),
                pause=1.0,
                fails="INVALID_IMAGE",
            ),
        ),
    ]


def _ignored(*_: object) -> None:
    """A preview, which nobody looks at."""


def go_on(number: int, end: float, settled: float, told: "Queue[dict[str, Record]]") -> None:
    """Ask as a client until the time is over, and tell of what was asked after the warm-up."""
    kinds = clients()[number]
    records = {kind.name: Record() for kind in kinds}
    with connect() as client:
        for kind in cycle(kinds):
            time.sleep(kind.pause)
            began = time.monotonic()
            if began > end:
                break
            reason = ""
            try:
                kind.ask(client)
            except CancelledError:
                reason = "CANCELLED"
            except (StylizerError, AssertionError) as error:
                reason = getattr(error, "reason", "") or repr(error)
            if kind.patient and reason == "SERVER_BUSY":
                time.sleep(0.1)
                continue
            if reason != kind.fails:
                records[kind.name].wrong.append(reason or "it did not fail")
            if began > settled:
                records[kind.name].seconds.append(time.monotonic() - began)
    told.put(records)


@contextmanager
def sidecar(styles: Path | None) -> Iterator[subprocess.Popen[str]]:
    """Run a sidecar in a process and a data directory of its own."""
    command = [sys.executable, "-m", "nijigan.core", "serve"]
    command += [] if styles is None else ["--styles", str(styles)]
    with tempfile.TemporaryDirectory(prefix="nijigan-soak-") as home:
        os.environ["NIJIGAN_HOME"] = home
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None, "it is a pipe"
            assert process.stdout.readline(), "it did not start"
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(60) == 0, "it did not end well"
        left = sorted(str(path.relative_to(home)) for path in Path(home).rglob("*"))
        assert left == ["logs", "logs/sidecar.log", "sidecar.lock"], f"it left {left}"


def resident_mib(pid: int) -> float:
    """Return what a process has in memory, as Linux counts it."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds(pid: int) -> float:
    """Return how long a process has kept cores busy."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Outcome:
    """What the sidecar did.

    busy: the share of the machine's cores that it kept busy. memory: MiB, evenly over the time
    after the warm-up.
    """

    minutes: float
    busy: float
    records: dict[str, Record]
    memory: list[float]

    @property
    def growth(self) -> float:
        """From the first fifth of the time after the warm-up to the last one."""
        fifth = max(1, len(self.memory) // 5)
        first, last = np.median(self.memory[:fifth]), np.median(self.memory[-fifth:])
        return float(last / first - 1)

    def faults(self) -> list[str]:
        """Return what is not as it should be."""
        found = [
            f"{name}: {record.wrong[0]} ({len(record.wrong)} times)"
            for name, record in self.records.items()
            if record.wrong
        ]
        found += [
            f"{name}: none was done" for name, record in self.records.items() if not record.seconds
        ]
        found += [
            f"{name}: p99 is {spread(record):.1f} times p50"
            for name, record in self.records.items()
            if record.seconds and spread(record) > MOST_SPREAD
        ]
        if abs(self.growth) > MOST_GROWTH:
            found.append(f"memory changed by {100 * self.growth:.1f} %")
        return found


def spread(record: Record) -> float:
    """Return how many times as long as the middle request the slowest of 100 took."""
    p50, p99 = np.percentile(record.seconds, [50, 99])
    return float(p99 / p50)


def soak(minutes: float, styles: Path | None) -> Outcome:
    """Run it."""
    with sidecar(styles) as process:
        began = time.monotonic()
        end = began + 60 * minutes
        settled = began + 60 * minutes * WARM_UP
        spawn = get_context("spawn")
        told: Queue[dict[str, Record]] = spawn.Queue()
        asking = [
            spawn.Process(target=go_on, args=(number, end, settled, told))
            for number in range(len(clients()))
        ]
        for each in asking:
            each.start()
        memory: list[float] = []
        records: dict[str, Record] = {}
        names = [kind.name for kinds in clients() for kind in kinds]
        while len(records) < len(names):
            if settled < time.monotonic() < end:
                memory.append(resident_mib(process.pid))
            with suppress(Empty):
                records |= told.get(timeout=min(1.0, minutes))
            assert all(each.exitcode in (None, 0) for each in asking), "a client died"
        busy = cpu_seconds(process.pid) / (time.monotonic() - began) / (os.cpu_count() or 1)
    ordered = {name: records[name] for name in names}
    return Outcome(minutes, busy, ordered, memory)


def page(outcome: Outcome) -> str:
    """Return the report as Markdown."""
    facts = machine_facts(["onnxruntime"])
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    faults = outcome.faults()
    rows = []
    for name, record in outcome.records.items():
        if not record.seconds:
            continue
        p50, p90, p99 = (1000 * p for p in np.percentile(record.seconds, [50, 90, 99]))
        cells = (
            name,
            str(len(record.seconds)),
            f"{p50:.1f}",
            f"{p90:.1f}",
            f"{p99:.1f}",
            f"{p99 / p50:.1f}",
        )
        rows.append(f"| {' | '.join(cells)} |")
    fifth = max(1, len(outcome.memory) // 5)
    return "\n".join(
        [
            "# The sidecar under mixed traffic",
            "",
            f"`python scripts/soak.py --minutes {outcome.minutes:g} -o docs/soak.md`, "
            f"{time.strftime('%-d %B %Y', time.gmtime())}: {facts['cpu']}, {facts['cores']} cores, "
            f"{facts['memory_gib']} GiB, Python {facts['python']}, {versions}. "
            f"{len(clients())} clients at once for {outcome.minutes:g} minutes; the first quarter "
            f"is not counted. The sidecar kept {100 * outcome.busy:.0f} % of the cores busy. "
            "Milliseconds as the client sees them.",
            "",
            "| kind of request | requests | p50 | p90 | p99 | p99 / p50 |",
            "| --- | --: | --: | --: | --: | --: |",
            *rows,
            "",
            f"Memory: {np.median(outcome.memory[:fifth]):.0f} MiB after the warm-up, "
            f"{np.median(outcome.memory[-fifth:]):.0f} MiB at the end "
            f"({100 * outcome.growth:+.1f} %), {max(outcome.memory):.0f} MiB at most. "
            + ("No request failed that should not have." if not faults else ""),
            *(
                ["", "Not as it should be:", "", *(f"- {fault}" for fault in faults)]
                if faults
                else []
            ),
            "",
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("-o", "--out", type=Path, help="the page; printed if not given")
    parser.add_argument("--styles", type=Path, help="a folder of styles that has another `cel`")
    options = parser.parse_args()
    outcome = soak(options.minutes, options.styles)
    text = page(outcome)
    if options.out is None:
        print(text)
    else:
        options.out.write_text(text, encoding="utf-8")
    print(json.dumps(outcome.faults(), indent=1), file=sys.stderr)
    return 1 if outcome.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
