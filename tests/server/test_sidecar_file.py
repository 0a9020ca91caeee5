"""sidecar.json: written for its user alone, replaced after a crash, gone at the end."""

import json
import os
import socket
import stat
import sys
from dataclasses import asdict

import pytest

from nijigan.core.errors import AlreadyRunningError, SidecarError
from nijigan.export.styles import StyleLibrary
from nijigan.server import sidecar_file
from nijigan.server.engines.choice import choose_engine
from nijigan.server.sidecar import Options, running
from nijigan.server.sidecar_file import SidecarFile, only_sidecar, published, read_sidecar_file
from nijigan.server.testing import FakeStylizer

CONTENT = SidecarFile(12, "127.0.0.1", 345, "secret", "1.2.3", 1, "2026-01-02T03:04:05+00:00")
ENGINE = choose_engine("onnxruntime")


def test_it_says_where_the_sidecar_is_and_goes_with_it(tmp_path):
    home = tmp_path / "new" / "home"
    with running(home, StyleLibrary([]), FakeStylizer(), ENGINE, Options()) as sidecar:
        found = read_sidecar_file(home)
        assert (found.pid, found.host) == (os.getpid(), "127.0.0.1")
        assert (found.port, found.token) == (sidecar.port, sidecar.token)
        assert set(json.loads((home / "sidecar.json").read_text())) == {
            *("schema", "pid", "host", "port", "token", "tls", "version", "api_level", "started")
        }
    assert not (home / "sidecar.json").exists()


def test_clients_are_told_a_number(tmp_path):
    """The name could mean another address to them, where another user may listen."""
    options = Options(host="localhost")
    with running(tmp_path, StyleLibrary([]), FakeStylizer(), ENGINE, options):
        assert read_sidecar_file(tmp_path).host == "127.0.0.1"


@pytest.mark.skipif(sys.platform == "win32", reason="the folder's rights protect it there")
def test_only_the_user_can_read_it(tmp_path):
    before = os.umask(0)
    try:
        with published(tmp_path, CONTENT):
            assert stat.S_IMODE((tmp_path / "sidecar.json").stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_what_a_crash_left_is_replaced(tmp_path):
    (tmp_path / "sidecar.json").write_text("{")
    (tmp_path / "sidecar.json.part").write_text("half")
    with only_sidecar(tmp_path), published(tmp_path, CONTENT):
        assert read_sidecar_file(tmp_path) == CONTENT
        assert "secret" not in repr(CONTENT)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1}', "\xff"])
def test_a_damaged_file_is_no_sidecar(tmp_path, text):
    (tmp_path / "sidecar.json").write_bytes(text.encode("latin-1"))
    assert read_sidecar_file(tmp_path) is None


def test_a_folder_that_is_gone_does_not_hinder_the_end(tmp_path):
    with published(tmp_path, CONTENT):
        (tmp_path / "sidecar.json").unlink()


def test_one_sidecar_for_a_home(tmp_path):
    def start():
        return running(tmp_path, StyleLibrary([]), FakeStylizer(), ENGINE, Options())

    with start() as first:
        with pytest.raises(AlreadyRunningError, match="already on") as caught, start():
            pass
        assert caught.value.address == first.address
        assert read_sidecar_file(tmp_path).port == first.port
    with start() as again:
        assert again.token != first.token


def test_where_the_port_is_taken_another_is_found(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        start = running(tmp_path, StyleLibrary([]), FakeStylizer(), ENGINE, Options(port=taken))
        with start as sidecar:
            assert sidecar.port != taken
            assert read_sidecar_file(tmp_path).port == sidecar.port
            log = (tmp_path / "logs/sidecar.log").read_text()
            assert f"127.0.0.1:{taken} cannot be listened on" in log


def test_two_sidecars_do_not_share_a_port(tmp_path):
    def start(name, port):
        home = tmp_path / name
        options = Options(port=port)
        return running(home, StyleLibrary([]), FakeStylizer(), ENGINE, options)

    with start("one", 0) as first, start("other", first.port) as second:
        assert first.port != second.port


def test_a_sidecar_that_does_not_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(sidecar_file, "_STARTING_SECONDS", 0.1)
    with only_sidecar(tmp_path):
        for content in (None, CONTENT):  # it starts, and hangs; nothing listens on port 345
            if content is not None:
                (tmp_path / "sidecar.json").write_text(json.dumps(asdict(content)))
            with pytest.raises(SidecarError, match="does not answer"), only_sidecar(tmp_path):
                pass


@pytest.mark.parametrize(
    ("file", "folder"),
    [
        ("home", None),
        ("home/logs", None),
        (None, "home/sidecar.lock"),
        (None, "home/logs/sidecar.log"),
        (None, "home/sidecar.json"),
    ],
)
def test_a_home_that_cannot_be_written_is_said(tmp_path, file, folder):
    in_the_way = tmp_path / (file or folder)
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.write_text("x") if file else in_the_way.mkdir()
    home = tmp_path / "home"
    start = running(home, StyleLibrary([]), FakeStylizer(), ENGINE, Options())
    with pytest.raises(SidecarError, match=r"home.* cannot be written \(.*Set NIJIGAN_HOME"), start:
        pass
