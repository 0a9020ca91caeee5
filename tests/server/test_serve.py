"""The verb `serve`, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
from threading import Event
from urllib.request import Request, urlopen

import pytest

from nijigan.client import connect
from nijigan.core.cli import main
from nijigan.core.errors import UsageError
from nijigan.server.main import run, starter_gone, wait_for_end
from nijigan.server.sidecar import Options
from nijigan.server.sidecar_file import read_sidecar_file

SECONDS = 30


@pytest.fixture
def serve(toy_style, tmp_path, monkeypatch):
    """Start `nijigan serve` with the options given; its data directory is `tmp_path`."""
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path))
    started = []

    def start(*options, program="from nijigan.core.cli import main; main()"):
        command = [sys.executable, "-c", program, "serve", "--styles", toy_style, *options]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, text=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait(SECONDS)
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_from_start_to_end(serve, tmp_path, number):
    process = serve()
    address = process.stdout.readline().strip()
    found = read_sidecar_file(tmp_path)
    assert (found.pid, f"{found.host}:{found.port}") == (process.pid, address)
    with connect() as client:
        assert "toy" in [style.name for style in client.list_styles()]
        result = client.stylize(bytes(16 * 16 * 3), 16, 16, style="toy", format="RGB8")
        assert len(result.pixels) == 16 * 16 * 3
    process.send_signal(number)
    assert process.wait(SECONDS) == 0
    assert not (tmp_path / "sidecar.json").exists()
    assert "stopped" in (tmp_path / "logs/sidecar.log").read_text()


def test_of_two_starts_at_once_one_runs_and_both_say_where(serve, tmp_path):
    both = [serve(), serve()]
    addresses = [process.stdout.readline().strip() for process in both]
    found = read_sidecar_file(tmp_path)
    assert addresses == 2 * [f"{found.host}:{found.port}"]
    (second,) = [process for process in both if process.pid != found.pid]
    _, err = second.communicate(timeout=SECONDS)
    assert second.returncode == 0
    assert err.startswith("A sidecar is running already")
    assert err.count("\n") == 1
    with connect() as client:
        client.server_info()


def test_after_kill_9_the_next_start_serves(serve, tmp_path):
    first = serve()
    first.stdout.readline()
    left = read_sidecar_file(tmp_path)
    first.kill()
    first.wait(SECONDS)
    assert read_sidecar_file(tmp_path) == left
    second = serve()
    address = second.stdout.readline().strip()
    found = read_sidecar_file(tmp_path)
    assert (found.pid, f"{found.host}:{found.port}") == (second.pid, address)
    with connect() as client:
        assert "toy" in [style.name for style in client.list_styles()]


def test_it_ends_with_its_starter(serve, tmp_path):
    process = serve(
        "--exit-with-parent",
        program="from nijigan.core.cli import main; from nijigan.server import main as server;"
        "server._LONELY_SECONDS = 0.01; main()",
    )
    process.stdout.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.2)
    process.stdin.close()
    assert process.wait(SECONDS) == 0
    assert not (tmp_path / "sidecar.json").exists()


def test_the_port_for_web_pages_is_told(serve):
    process = serve("--web-port", "0", "--web-origin", "https://studio.example")
    process.stdout.readline()
    told = re.search(r"(http://127\.0\.0\.1:\d+)", process.stderr.readline())
    request = Request(told[1], headers={"origin": "https://studio.example"}, method="OPTIONS")
    with urlopen(request, timeout=SECONDS) as answer:
        assert answer.headers["access-control-allow-origin"] == "https://studio.example"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--web-origin", "https://studio.example"], "Add --web-port"),
        (["--web-port", "0", "--web-origin", "*"], "'*' is not the origin of a page"),
        (["--web-port", "{taken}"], "cannot be listened on"),
    ],
)
def test_what_is_wrong_with_the_port_for_web_pages_is_one_line(serve, options, told):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = serve(*(option.format(taken=port) for option in options))
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode != 0
    assert out == ""
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("said", "seconds"), [([], 10.0), (["--drain", "60"], 60.0)])
def test_how_long_pictures_have_at_the_end(monkeypatch, said, seconds):
    given = []
    monkeypatch.setenv("GRPC_VERBOSITY", "NONE")  # as the command sets it
    monkeypatch.setattr("nijigan.server.main.run", lambda *args: given.append(args[4]))
    with pytest.raises(SystemExit):
        main(["serve", *said])
    assert [options.drain_seconds for options in given] == [seconds]


def test_an_unknown_engine_is_refused_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path))
    with pytest.raises(UsageError, match="No engine is named 'onyx'"):
        run([], "onyx", None, 1 << 30, Options(), False, ready=lambda sidecar: None)
    assert list(tmp_path.iterdir()) == []


def test_the_end_of_stdin_is_noticed(monkeypatch):
    reader, writer = os.pipe()
    with os.fdopen(reader) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        gone = starter_gone()
        os.write(writer, b"something\n")
        assert not gone.wait(0.05)
        os.close(writer)
        assert gone.wait(SECONDS)


class Calls:
    """Calls whose idle time is each of `seconds` in turn."""

    def __init__(self, *seconds):
        self.seconds = list(seconds)

    def idle_seconds(self):
        return self.seconds.pop(0)


def test_it_ends_when_it_is_alone_and_idle_and_not_before():
    alone, calls = Event(), Calls(0.0, 0.004, 0.02)
    alone.set()
    wait_for_end(Event(), alone, calls, lonely_seconds=0.01)
    assert calls.seconds == []


def test_it_goes_on_while_its_starter_is_there():
    told = Event()

    class Starter:
        asked = 0

        def is_set(self):
            self.asked += 1
            if self.asked == 3:
                told.set()
            return False

    starter = Starter()
    wait_for_end(told, starter, Calls(), lonely_seconds=0.01)
    assert starter.asked == 3
