"""What goes wrong around the sidecar: after each, the next request works and nothing is left."""

import errno
import os
import signal
import sys
import time
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from nijigan.client import connect
from nijigan.client.errors import SidecarNotRunningError, StylizerError
from nijigan.export.styles import StyleLibrary
from nijigan.server.engines.choice import choose_engine
from nijigan.server.sidecar import Options, running
from nijigan.server.sidecar_file import read_sidecar_file
from nijigan.server.testing import FakeStylizer, running_sidecar

SECONDS = 30
PIXELS = np.random.default_rng(1).integers(0, 256, (400, 400, 4), np.uint8).tobytes()

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no such signals")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def command(toy_style):
    start = "from nijigan.core.cli import main; main()"
    return [sys.executable, "-c", start, "serve", "--styles", str(toy_style), "--exit-with-parent"]


def draw(client):
    return client.stylize(PIXELS, 400, 400, style="toy", timeout=SECONDS)


def wait_until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_alive(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # gone before it is opened, or read
        return False


def test_after_kill_9_in_a_request_the_client_starts_it_once_more(home, command):
    with connect(start=command) as client:
        expected = draw(client)
        first = read_sidecar_file(home)
        folder = Path(client.server_info().exchange_folder)
        os.kill(first.pid, signal.SIGSTOP)  # so that it is in the middle of the request
        failed = []

        def request():
            try:
                draw(client)
            except StylizerError as error:
                failed.append(error)

        thread = Thread(target=request)
        thread.start()
        wait_until(lambda: list(folder.iterdir()))
        os.kill(first.pid, signal.SIGKILL)
        thread.join(SECONDS)
        assert isinstance(failed[0], SidecarNotRunningError)
        wait_until(lambda: not is_alive(first.pid))  # till then its port still answers
        assert draw(client).pixels == expected.pixels
        second = read_sidecar_file(home)
        assert second.pid != first.pid
        assert list(folder.iterdir()) == []
        os.kill(second.pid, signal.SIGTERM)
        wait_until(lambda: not is_alive(second.pid))
    assert not (home / "sidecar.json").exists()
    assert not folder.exists()


def test_between_requests_too_and_two_clients_start_one(home, command):
    with connect(start=command) as one, connect(start=command) as other:
        assert draw(one).pixels == draw(other).pixels
        for _ in range(2):
            pid = read_sidecar_file(home).pid
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda pid=pid: not is_alive(pid))  # till then its port still answers
            threads = [Thread(target=eventually, args=[client]) for client in (one, other)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(SECONDS)
            assert draw(one).pixels == draw(other).pixels
        pid = read_sidecar_file(home).pid
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not is_alive(pid))


def eventually(client):
    """Draw; a connection that is not yet known to be dead may cost one request."""
    try:
        draw(client)
    except SidecarNotRunningError:
        draw(client)


def test_a_command_that_starts_nothing_is_told(home):
    fails = [sys.executable, "-c", "import sys; sys.exit('error: no such style')"]
    with pytest.raises(SidecarNotRunningError, match="did not start: error: no such style"):
        connect(start=fails)
    with pytest.raises(SidecarNotRunningError, match="cannot be started"):
        connect(start=[str(home / "nothing")])


def test_a_full_disk_where_the_log_is(home, stock_client, pixels, capfd):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (home / "logs").mkdir(parents=True)
    (home / "logs/sidecar.log").symlink_to("/dev/full")
    engine = choose_engine("onnxruntime")
    start = running(home, StyleLibrary([]), FakeStylizer(), engine, Options())
    with start as sidecar, stock_client(sidecar) as client:
        for _ in range(3):
            client.stylize(pixels)
    assert capfd.readouterr().err == ""


def test_a_full_disk_where_pictures_pass(toy_style, monkeypatch, caplog):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with running_sidecar([toy_style]), connect() as client:
        expected = draw(client).pixels
        folder = Path(client.server_info().exchange_folder)
        monkeypatch.setattr("nijigan.client.exchange.ExchangedFile.write", full)
        assert draw(client).pixels == expected
        assert "No space left" in caplog.text
        assert list(folder.iterdir()) == []


def test_a_full_disk_where_drawings_are_written(toy_style, monkeypatch, caplog):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with running_sidecar([toy_style]), connect() as client:
        expected = draw(client).pixels
        folder = Path(client.server_info().exchange_folder)
        monkeypatch.setattr("nijigan.server.exchange.os.ftruncate", full)
        assert draw(client).pixels == expected
        assert "does not fit" in caplog.text
        wait_until(lambda: list(folder.iterdir()) == [])


def test_a_client_that_vanishes_leaves_its_place(home, command, stock_client):
    with running_sidecar(stylizer=(fake := FakeStylizer(held=True))) as sidecar:
        with stock_client(sidecar) as client:
            call = client.start(client.requests(np.zeros((32, 32, 4), np.uint8)))
            assert fake.started.acquire(timeout=SECONDS)
            del call
        assert fake.cancelled.acquire(timeout=SECONDS)
        wait_until(lambda: sidecar.calls.idle_seconds() > 0)
