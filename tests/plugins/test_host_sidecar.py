"""The sidecar as a panel sees it, against real ones."""

import json
import os
import subprocess
import sys
import time
from threading import Event

import pytest

from nijigan.client.errors import SidecarNotRunningError
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan_host.command import serve_command
from nijigan_host.condition import UNKNOWN, Kind, Mend
from nijigan_host.errors import CommandError, StopError
from nijigan_host.sidecar import Sidecar
from nijigan_host.stop import stop_sidecar

SECONDS = 60


def wait_for(sidecar, *kinds):
    end = time.monotonic() + SECONDS
    while sidecar.condition.kind not in kinds:
        assert time.monotonic() < end, sidecar.condition
        time.sleep(0.01)
    return sidecar.condition


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def sidecar():
    made = Sidecar(lambda: serve_command(sys.executable))
    yield made
    made.close()


def test_none_is_running(home, sidecar):
    assert sidecar.condition == UNKNOWN
    sidecar.look()
    assert wait_for(sidecar, Kind.NOT_RUNNING).mend is Mend.START


def test_one_that_runs_and_its_previews(toy_style, sidecar):
    with running_sidecar([toy_style], FakeStylizer()) as running:
        sidecar.look()
        condition = wait_for(sidecar, Kind.READY)
        assert [style.name for style in condition.styles] == ["toy"]
        assert sidecar.previews == {("toy", "1.0.0"): (toy_style / "preview.png").read_bytes()}
        assert condition.address == running.address
    sidecar.look()
    assert wait_for(sidecar, Kind.NOT_RUNNING).mend is Mend.START


def test_no_styles(sidecar):
    with running_sidecar([], FakeStylizer()):
        sidecar.look()
        assert wait_for(sidecar, Kind.NO_STYLES).mend is Mend.STYLES_FOLDER


def test_one_of_another_age(home, sidecar):
    content = {"port": 1, "token": "t", "api_level": 0, "version": "0.0.1"}
    (home / "sidecar.json").write_text(json.dumps(content))
    sidecar.look()
    assert wait_for(sidecar, Kind.INCOMPATIBLE).mend is Mend.RESTART


def test_it_is_started_restarted_and_stopped(home, sidecar):
    sidecar.start()
    assert sidecar.condition.kind is Kind.STARTING
    wait_for(sidecar, Kind.READY)
    first = json.loads((home / "sidecar.json").read_text())["pid"]
    sidecar.restart()
    wait_for(sidecar, Kind.READY)
    assert json.loads((home / "sidecar.json").read_text())["pid"] != first
    assert sidecar.client().server_info().api_level == 1
    sidecar.stop()
    wait_for(sidecar, Kind.NOT_RUNNING)
    assert not (home / "sidecar.json").exists()


def test_a_command_that_is_not_there_and_one_that_fails(home):
    def none():
        raise CommandError("None.")

    missing = Sidecar(none)
    missing.start()
    assert missing.condition.mend is Mend.SETTINGS
    broken = Sidecar(lambda: [sys.executable, "-c", "raise SystemExit('no memory')"])
    broken.start()
    condition = wait_for(broken, Kind.NOT_RUNNING)
    assert "did not start: no memory" in condition.line
    assert condition.line.endswith("nijigan doctor")


def test_a_click_is_not_lost_while_somebody_looks(home, monkeypatch):
    go_on = Event()
    sidecar = Sidecar(lambda: [sys.executable, "-c", "raise SystemExit('no memory')"])
    monkeypatch.setattr(sidecar, "client", lambda: go_on.wait(SECONDS) and 1 / 0)
    sidecar.look()
    sidecar.start()
    assert sidecar.condition.kind is Kind.STARTING
    go_on.set()
    assert "no memory" in wait_for(sidecar, Kind.NOT_RUNNING).line


def test_a_fault_of_ours_does_not_leave_the_panel_waiting(home, sidecar, monkeypatch, capsys):
    monkeypatch.setattr(sidecar, "client", lambda: 1 / 0)
    sidecar.look()
    assert "ZeroDivisionError" in wait_for(sidecar, Kind.TROUBLE).line


def test_only_a_sidecar_is_stopped(home):
    """Process numbers are used again, and sandboxes have their own."""
    with pytest.raises(SidecarNotRunningError):
        stop_sidecar()
    (home / "sidecar.json").write_text(json.dumps({"pid": os.getpid(), "port": 1}))
    with pytest.raises(SidecarNotRunningError, match="Nothing answers"):
        stop_sidecar()
    with (
        running_sidecar(stylizer=FakeStylizer()) as running,
        subprocess.Popen(["sleep", "9"]) as other,
    ):
        path = running.home / "sidecar.json"
        said = json.loads(path.read_text())
        path.write_text(json.dumps({**said, "pid": other.pid}))
        with pytest.raises(StopError, match="not seen from here"):
            stop_sidecar()
        assert other.poll() is None
        other.kill()
