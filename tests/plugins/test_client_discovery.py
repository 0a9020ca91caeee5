"""Where the client looks for the sidecar, and what it is made of."""

import ast
import json
import sys
from pathlib import Path

import pytest

import nijigan.client.discovery
import nijigan.server.paths
import nijigan_host
from nijigan.client.discovery import Place, find_sidecar, sidecar_at
from nijigan.client.errors import IncompatibleError, SidecarNotRunningError

CONTENT = {"schema": 1, "pid": 1, "port": 50051, "token": "t", "version": "9.9", "api_level": 1}
SOURCES = sorted(
    path
    for module in (nijigan.client.discovery, nijigan_host)
    for path in Path(module.__file__).parent.glob("*.py")
)


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"NIJIGAN_HOME": "/somewhere/else"},
        {"NIJIGAN_HOME": ""},
        {"HOME": "/sandbox", "XDG_DATA_HOME": "/sandbox/data"},
        {"LOCALAPPDATA": "/Users/me/AppData/Local"},
    ],
)
def test_client_and_server_agree_on_the_place(monkeypatch, platform, environment):
    for name in ("NIJIGAN_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    place = nijigan.client.discovery.data_dir()
    assert place == nijigan.server.paths.data_dir()
    assert place.name == "nijigan" or place == Path("/somewhere/else")
    assert Path("/sandbox") not in place.parents


@pytest.fixture
def sidecar_json(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path))
    monkeypatch.delenv("NIJIGAN_TOKEN", raising=False)
    return tmp_path / "sidecar.json"


def test_the_place_is_read(sidecar_json):
    sidecar_json.write_text(json.dumps(CONTENT))
    assert find_sidecar() == Place("127.0.0.1", 50051, "t")
    sidecar_json.write_text(json.dumps({**CONTENT, "host": "::1"}))
    assert find_sidecar() == Place("::1", 50051, "t")


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", '{"port": 1}', "\xff"])
def test_a_damaged_file(sidecar_json, text):
    sidecar_json.write_bytes(text.encode("latin-1"))
    with pytest.raises(SidecarNotRunningError, match=r"nothing to read in .*sidecar\.json"):
        find_sidecar()


def test_a_sidecar_of_another_age(sidecar_json):
    sidecar_json.write_text(json.dumps({**CONTENT, "api_level": 2}))
    with pytest.raises(IncompatibleError, match=r"nijigan 9.9\) has the interface 2.*knows 1"):
        find_sidecar()


@pytest.mark.parametrize(
    ("address", "token", "expected"),
    [
        ("127.0.0.1:50051", None, Place("127.0.0.1", 50051, "t")),
        ("localhost:50051", None, Place("127.0.0.1", 50051, "t")),
        ("example.org:50051", None, Place("example.org", 50051, "")),
        ("192.168.0.7:50051", None, Place("192.168.0.7", 50051, "")),
        ("[::1]:50051", None, Place("::1", 50051, "")),
        ("localhost:50051", "mine", Place("localhost", 50051, "mine")),
        ("localhost:50052", None, Place("localhost", 50052, "")),
        ("[::1]:50051", "mine", Place("::1", 50051, "mine")),
    ],
)
def test_an_address(sidecar_json, address, token, expected):
    sidecar_json.write_text(json.dumps(CONTENT))
    assert sidecar_at(address, token) == expected


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_python_3_7_can_read_it_and_it_needs_h2_alone(source):
    tree = ast.parse(source.read_text(encoding="utf-8"), feature_version=(3, 7))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    allowed = {*sys.stdlib_module_names, "h2"}
    foreign = {
        name
        for name in imported
        if name.split(".")[0] not in allowed
        and not f"{name}.".startswith(("nijigan.client.", "nijigan_host."))
    }
    assert foreign == set()
