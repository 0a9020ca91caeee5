"""What `nijigan doctor` finds, on installations that something is wrong with."""

import json
import os
import shutil
from pathlib import Path

import pytest
import trustme

from nijigan.core.cli import main
from nijigan.core.errors import EngineError
from nijigan.server import doctor
from nijigan.server.sidecar import Options
from nijigan.server.sidecar_file import sidecar_path
from nijigan.server.testing import running_sidecar
from nijigan.server.tls import Tls


@pytest.fixture
def examine(toy_style, tmp_path, monkeypatch, capsys):
    """Call `nijigan doctor`; gives the exit code and the findings by what they are about."""
    shutil.copytree(toy_style, tmp_path / "styles" / "toy")
    monkeypatch.setenv("NIJIGAN_STYLES", str(tmp_path / "styles"))
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    # The styles that ship are looked at elsewhere.
    monkeypatch.setattr(
        "nijigan.export.styles.default_folders", lambda: [Path(os.environ["NIJIGAN_STYLES"])]
    )

    def run() -> tuple[int, dict[str, dict[str, str]]]:
        with pytest.raises(SystemExit) as ended:
            main(["doctor", "--json"])
        findings = json.loads(capsys.readouterr().out)
        return int(ended.value.code or 0), {each["what"]: each for each in findings}

    return run


def wrong(findings):
    return [what for what, finding in findings.items() if finding["state"] == "wrong"]


def test_nothing_is_wrong_where_no_sidecar_runs(examine):
    code, findings = examine()
    assert (code, wrong(findings)) == (0, [])
    assert "nijigan" in findings["versions"]["fact"]
    assert findings["sidecar"]["remedy"].endswith("nijigan serve")
    assert findings["drawing toy here"]["fact"].startswith("toy drew 64x64")


def test_a_sidecar_is_asked_to_draw_and_its_log_is_named(examine, toy_style):
    with running_sidecar([toy_style]) as sidecar:
        code, findings = examine()
        assert (code, wrong(findings)) == (0, [])
        drawn = findings[f"sidecar on {sidecar.address}"]
        assert drawn["fact"].startswith("toy drew")
        assert str(sidecar.home / "logs" / "sidecar.log") in findings["log"]["fact"]


def test_a_sidecar_with_tls_is_asked_to_draw(examine, toy_style, tmp_path, monkeypatch):
    root, issued = trustme.CA(), {}
    root.cert_pem.write_to_path(tmp_path / "root.pem")
    for name in ("127.0.0.1", "studio.example"):
        signed = root.issue_cert(name)
        issued[name] = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        signed.cert_chain_pems[0].write_to_path(issued[name][0])
        signed.private_key_pem.write_to_path(issued[name][1])
    monkeypatch.setenv("NIJIGAN_CA", str(tmp_path / "root.pem"))
    for name, expected in (("127.0.0.1", []), ("studio.example", ["sidecar on {}"])):
        options = Options(tls=Tls(*issued[name]))
        with running_sidecar([toy_style], options=options) as sidecar:
            findings = examine()[1]
            assert wrong(findings) == [each.format(sidecar.address) for each in expected]
    assert "tls://NAME:PORT" in findings[f"sidecar on {sidecar.address}"]["remedy"]


def test_a_token_that_others_can_read(examine, toy_style):
    with running_sidecar([toy_style]) as sidecar:
        sidecar_path(sidecar.home).chmod(0o644)
        code, findings = examine()
    assert code == 1
    assert wrong(findings) == ["token"]
    assert "644" in findings["token"]["fact"]


def test_a_sidecar_that_is_gone(examine, toy_style, tmp_path):
    with running_sidecar([toy_style]) as sidecar:
        said = sidecar_path(sidecar.home).read_bytes()
    (tmp_path / "home").mkdir()
    path = sidecar_path(tmp_path / "home")
    path.write_bytes(said)
    path.chmod(0o600)
    code, findings = examine()
    assert (code, wrong(findings)) == (1, [f"sidecar on {sidecar.address}"])
    assert "nijigan serve" in findings[f"sidecar on {sidecar.address}"]["remedy"]


def test_a_sidecar_of_another_version(examine, toy_style, monkeypatch):
    with running_sidecar([toy_style]) as sidecar:
        path = sidecar_path(sidecar.home)
        path.write_text(json.dumps({**json.loads(path.read_text()), "version": "0.0.1"}))
        code, findings = examine()
    assert (code, wrong(findings)) == (1, ["sidecar's version"])


def test_a_damaged_sidecar_file(examine, tmp_path):
    (tmp_path / "home").mkdir()
    sidecar_path(tmp_path / "home").write_text("{")
    code, findings = examine()
    assert (code, wrong(findings)) == (1, ["sidecar"])


def test_a_style_whose_weights_are_others(examine, tmp_path):
    weights = tmp_path / "styles" / "toy" / "weights.bin"
    weights.write_bytes(weights.read_bytes()[::-1])
    code, findings = examine()
    assert code == 1
    assert wrong(findings) == ["style toy", "styles"]  # it was the only one
    assert "weights.bin" in findings["style toy"]["fact"]


def test_an_engine_that_fails_is_wrong_only_where_everything_needs_it(examine, monkeypatch):
    def fail(engine):
        raise EngineError(f"{engine} is broken.", "Mend it.")

    monkeypatch.setattr(doctor, "try_engine", fail)
    code, findings = examine()
    assert code == 1
    assert wrong(findings) == ["engine onnxruntime:cpu", "engine openvino"]
    assert findings["engine tensorrt"]["remedy"] == "Mend it."


def test_a_data_directory_that_cannot_be_one(examine, tmp_path):
    (tmp_path / "home").write_text("a file")
    code, findings = examine()
    assert (code, wrong(findings)) == (1, ["data directory"])
    assert "NIJIGAN_HOME" in findings["data directory"]["remedy"]
