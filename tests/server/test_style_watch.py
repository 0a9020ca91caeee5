"""Styles get ready by themselves: at the start, when they come, change and go."""

import json
import shutil
from threading import Event
from time import monotonic, sleep

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from nijigan.export.styles import StyleLibrary
from nijigan.server import style_watch
from nijigan.server.cancel import Cancel
from nijigan.server.sidecar import Options
from nijigan.server.stylizer import Stylizer
from nijigan.server.testing import FakeStylizer, running_sidecar

SECONDS = 10
SERVING, NOT_SERVING, UNKNOWN = (
    health_pb2.HealthCheckResponse.ServingStatus.Value(name)
    for name in ("SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of styles that a sidecar looks at all the time."""
    monkeypatch.setattr(style_watch, "_POLL_SECONDS", 0.02)
    return tmp_path


def watch(client, style):
    """Each health that the style has, as it comes."""
    request = health_pb2.HealthCheckRequest(service=f"nijigan.v1.styles.{style}")
    stub = health_pb2_grpc.HealthStub(client.channel)
    return (
        answer.status for answer in stub.Watch(request, timeout=SECONDS, metadata=client.metadata)
    )


def test_a_style_that_comes_is_made_ready_and_one_that_goes_is_forgotten(
    folder, make_toy_style, stock_client
):
    fake = FakeStylizer()
    with running_sidecar([folder], fake) as sidecar, stock_client(sidecar) as client:
        health = watch(client, "new")
        assert next(health) == UNKNOWN
        shutil.copytree(make_toy_style("new"), folder / "new")
        assert next(health) == SERVING
        assert fake.loaded == [("new", "normal")]
        shutil.rmtree(folder / "new")
        assert next(health) == UNKNOWN


def test_a_style_that_changed_is_loaded_anew(folder, make_toy_style, stock_client):
    shutil.copytree(make_toy_style("new"), folder / "new")
    fake = FakeStylizer()
    with running_sidecar([folder], fake):
        assert fake.loaded == [("new", "normal")]
        described = json.loads((folder / "new/style.json").read_text())
        (folder / "new/style.json").write_text(json.dumps({**described, "version": "1.0.1"}))
        wait_until(lambda: fake.loaded == 2 * [("new", "normal")])


def test_a_style_with_a_wrong_hash_is_not_served_and_the_log_says_why(
    folder, make_toy_style, stock_client
):
    shutil.copytree(make_toy_style("damaged"), folder / "damaged")
    shutil.copytree(make_toy_style("whole"), folder / "whole")
    (folder / "damaged/weights.bin").write_bytes(b"other weights")
    with running_sidecar([folder]) as sidecar, stock_client(sidecar) as client:
        assert next(watch(client, "damaged")) == NOT_SERVING
        assert next(watch(client, "whole")) == SERVING
        log = (sidecar.home / "logs/sidecar.log").read_text()
    assert "style damaged cannot be used" in log
    assert "style whole 1.0.0 is ready" in log


class Hanging(FakeStylizer):
    """Never comes to the end of loading the style `stuck`, and does not hear that it shall stop."""

    def __init__(self):
        super().__init__()
        self.freed = Event()

    def load(self, name, quality, cancel):
        if name == "stuck":
            self.freed.wait(3 * SECONDS)
        super().load(name, quality, cancel)


@pytest.fixture
def hanging():
    stylizer = Hanging()
    yield stylizer
    stylizer.freed.set()


def test_a_style_whose_loading_hangs_is_given_up_and_the_others_are_watched_on(
    folder, hanging, make_toy_style, stock_client, monkeypatch
):
    monkeypatch.setattr("nijigan.server.watched._GRACE_SECONDS", 0.05)
    for name in ("stuck", "whole"):
        shutil.copytree(make_toy_style(name), folder / name)
    options = Options(hang_seconds=0.2)
    with running_sidecar([folder], hanging, options) as sidecar, stock_client(sidecar) as client:
        assert next(watch(client, "stuck")) == NOT_SERVING
        assert next(watch(client, "whole")) == SERVING


def test_a_sidecar_ends_while_a_style_is_stuck(folder, hanging, make_toy_style, monkeypatch):
    monkeypatch.setattr("nijigan.server.testing._LONGEST_SECONDS", 0.1)
    shutil.copytree(make_toy_style("stuck"), folder / "stuck")
    with running_sidecar([folder], hanging):
        began = monotonic()
    assert monotonic() - began < SECONDS


def test_what_cannot_be_read_is_told_once(folder):
    (folder / "broken").mkdir()
    (folder / "broken/style.json").write_text("{")
    with running_sidecar([folder], FakeStylizer()) as sidecar:
        log = sidecar.home / "logs/sidecar.log"
        wait_until(lambda: "cannot be read" in log.read_text())
        (folder / "other").mkdir()
        (folder / "other/style.json").write_text("{}")
        wait_until(lambda: "other" in log.read_text())
        assert log.read_text().count("broken") == 1


def test_unused_graphs_are_unloaded(toy_style, monkeypatch):
    stylizer = Stylizer(StyleLibrary([toy_style]), threads=1)
    now = 100.0
    monkeypatch.setattr("nijigan.server.loaded_graphs.time.monotonic", lambda: now)
    stylizer.load("toy", "draft", Cancel())
    now = 150.0
    stylizer.load("toy", "fine", Cancel())
    assert stylizer.graphs_in_memory() == 2
    assert stylizer.unload_unused(49.0) == 1
    assert stylizer.unload("toy") == 1  # the other


def wait_until(condition):
    end = monotonic() + SECONDS
    while not condition():
        assert monotonic() < end
        sleep(0.01)
