"""Installing nijigan from a plugin: with pip and with uv, in environments of their own."""

import os
import shutil
import subprocess
import sys
import zipfile
from threading import Event, Timer

import pytest

from nijigan_host import install as module
from nijigan_host.command import serve_command
from nijigan_host.condition import Mend, from_error
from nijigan_host.errors import InstallError, NotInstalledError
from nijigan_host.install import environment, find_python, install, installed_command
from nijigan_host.logs import install_log

HELLO = "import sys\n\n\ndef main():\n    print('hello', *sys.argv[1:])\n"
METADATA = "Metadata-Version: 2.1\nName: nijigan\nVersion: 9.0\n"
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A data directory, and a path without nijigan and uv."""
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("PYTHONPATH", "of-the-host")
    monkeypatch.setattr("nijigan_host.command._USUAL_FOLDERS", ())


@pytest.fixture
def wheel(tmp_path):
    """A package as small as can be that has the command."""
    path = tmp_path / "nijigan-9.0-py3-none-any.whl"
    files = {
        "hello.py": HELLO,
        "nijigan-9.0.dist-info/METADATA": METADATA,
        "nijigan-9.0.dist-info/WHEEL": WHEEL,
        "nijigan-9.0.dist-info/entry_points.txt": "[console_scripts]\nnijigan = hello:main\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**files, "nijigan-9.0.dist-info/RECORD": ""}.items():
            archive.writestr(name, content)
    return path


def said(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def test_what_is_installed_is_what_is_started(wheel):
    with pytest.raises(NotInstalledError) as caught:
        serve_command("")
    assert from_error(caught.value).mend is Mend.INSTALL
    told = []
    command = install(str(wheel), told.append, Event())
    assert serve_command("") == [str(command), "serve", "--exit-with-parent"]
    assert said(serve_command("")) == ["hello", "serve", "--exit-with-parent"]
    assert command.is_relative_to(environment())
    assert any("Successfully installed nijigan-9.0" in line for line in told)
    log = install_log().read_text()
    assert all(line in log for line in told)


def test_uv_is_used_where_there_is_one(wheel, tmp_path, monkeypatch):
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nexec {sys.executable} -m uv "$@"\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{uv.parent}{os.pathsep}{os.defpath}")
    command = install(str(wheel), lambda line: None, Event())
    assert said([str(command)]) == ["hello"]
    asked = (tmp_path / "asked").read_text()
    assert "venv --clear --python >=3.11" in asked
    assert "pip install --python" in asked


def test_a_failure_says_why_and_leaves_nothing_that_counts(wheel, tmp_path):
    install(str(wheel), lambda line: None, Event())
    with pytest.raises(InstallError, match=r"no\.whl.*install\.log") as caught:
        install(str(tmp_path / "no.whl"), lambda line: None, Event())
    assert from_error(caught.value).mend is Mend.INSTALL
    assert installed_command() is None


def test_it_can_be_stopped(wheel, monkeypatch):
    sleep = [sys.executable, "-c", "import time; print('sleeping', flush=True); time.sleep(60)"]
    monkeypatch.setattr(module, "_commands", lambda package: [sleep])
    cancel = Event()
    with pytest.raises(InstallError, match="was stopped"):
        install(str(wheel), lambda line: Timer(0.1, cancel.set).start(), cancel)


def test_the_host_itself_is_no_python(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", "/usr/bin/krita")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InstallError, match=r"no Python 3\.11"):
        find_python()
    own = os.path.realpath(shutil.which("python3", path=os.defpath) or "")
    (tmp_path / "python3").symlink_to(own)
    assert find_python() == str(tmp_path / "python3")
