"""Which command starts the sidecar."""

import pytest

from nijigan_host import command
from nijigan_host.command import serve_command
from nijigan_host.errors import CommandError

SERVE = ["serve", "--exit-with-parent"]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """An environment's folder with a Python and the command."""
    monkeypatch.setattr(command, "_USUAL_FOLDERS", ())
    (tmp_path / "bin").mkdir()
    for name in ("nijigan", "python3.11"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def test_nijigan_on_the_path(environment, monkeypatch):
    monkeypatch.setenv("PATH", str(environment / "bin"))
    assert serve_command("") == [str(environment / "bin/nijigan"), *SERVE]


def test_what_was_chosen(environment):
    nijigan = str(environment / "bin/nijigan")
    python = str(environment / "bin/python3.11")
    assert serve_command(nijigan) == [nijigan, *SERVE]
    assert serve_command(str(environment)) == [nijigan, *SERVE]
    assert serve_command(python) == [python, "-m", "nijigan.core", *SERVE]


def test_nothing_there(environment, monkeypatch):
    monkeypatch.setenv("PATH", str(environment))
    for chosen in ("", str(environment / "bin/none"), str(environment / "bin")):
        with pytest.raises(CommandError, match="in the settings"):
            serve_command(chosen)
