"""Unity's client, which is C#: compiled once, and run under mono."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread

import pytest

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "plugins/unity/com.nijigan.stylizer/Runtime"
PARTS = ("Http2", "Wire", "Grpc", "Client")
TESTS = Path(__file__).parent / "unity/client"
SECONDS = 30


@pytest.fixture(scope="session")
def compile_cs() -> Callable[..., subprocess.CompletedProcess]:
    """Compile sources as Unity 2021.3 takes them; skip where mono is not installed."""
    if shutil.which("mcs") is None or shutil.which("mono") is None:
        pytest.skip("mono is not installed (apt: mono-mcs mono-runtime libmono-system-core4.0-cil)")

    def compile_sources(out: Path, *arguments: object) -> None:
        sources = [path for part in PARTS for path in sorted((RUNTIME / part).glob("*.cs"))]
        command = ["mcs", "-langversion:7.2", "-warnaserror", "-r:System.Core.dll", f"-out:{out}"]
        done = subprocess.run(
            [*command, *map(str, arguments), *map(str, sources)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return compile_sources


@pytest.fixture(scope="session")
def unity_driver(compile_cs, tmp_path_factory) -> Path:
    """The program that makes calls with Unity's client."""
    path = tmp_path_factory.mktemp("unity") / "driver.exe"
    compile_cs(path, *sorted(TESTS.glob("*.cs")))
    return path


@pytest.fixture(scope="session")
def ask_unity(unity_driver) -> Callable[[str, list[str]], list[str]]:
    """Have the lines answered that one part of the program is given."""

    def ask(part: str, lines: list[str]) -> list[str]:
        done = subprocess.run(
            ["mono", unity_driver, part],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        answers = done.stdout.splitlines()
        assert (done.returncode, len(answers)) == (0, len(lines)), done.stderr
        return answers

    return ask


class UnityCalls:
    """A process that makes calls with Unity's client."""

    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process
        self._futures: dict[int, Future] = {}
        self._lock = Lock()
        Thread(target=self._read, daemon=True).start()

    def begin(self, do: str, **facts: object) -> Future:
        """Ask for a call; the future has its answer, a dictionary, and `number` the call's id."""
        future: Future = Future()
        with self._lock:
            future.number = len(self._futures) + 1
            self._futures[future.number] = future
            line = json.dumps({"id": future.number, "do": do, **facts})
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        return future

    def do(self, do: str, **facts: object) -> dict:
        """Make a call, and wait for its answer."""
        return self.begin(do, **facts).result(SECONDS)

    def _read(self) -> None:
        for line in self.process.stdout:
            answer = json.loads(line)
            self._futures[answer.pop("id")].set_result(answer)


@pytest.fixture
def unity(unity_driver) -> Callable[..., object]:
    """Run a process that has opened a client, with those options, while the body runs."""

    @contextmanager
    def running(**options: object) -> Iterator[UnityCalls]:
        pipe = subprocess.PIPE
        with subprocess.Popen(
            ["mono", "--debug", unity_driver, "calls"], stdin=pipe, stdout=pipe, text=True
        ) as process:
            try:
                calls = UnityCalls(process)
                calls.do("open", **options)
                yield calls
                assert process.poll() is None  # what nobody catches would have ended it
            finally:
                process.kill()

    return running
