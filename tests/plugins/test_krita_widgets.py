"""The docker of Krita's plugin under PyQt5 and PyQt6, offscreen, and a real sidecar."""

import ast
import json
import os
import subprocess
import sys
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from nijigan.server.testing import FakeStylizer, running_sidecar

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from package_plugins import package_krita  # noqa: E402

SCRIPT = Path(__file__).parent / "krita/widget_cases.py"
CASES = [
    node.name[5:]
    for node in ast.parse(SCRIPT.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("case_")
]
BINDINGS = ("PyQt5", "PyQt6")
SECONDS = 120


def python_of(binding):
    return ROOT / ".venv" / binding.lower() / "bin/python"


@pytest.fixture(scope="module")
def results(toy_style, toy_global_style, tmp_path_factory):
    """What became of each case, by the binding."""
    folder = tmp_path_factory.mktemp("krita")
    with zipfile.ZipFile(package_krita(folder)) as archive:
        archive.extractall(folder)
    found = {}
    with ExitStack() as stack:
        toy = stack.enter_context(running_sidecar([toy_style, toy_global_style]))
        held = stack.enter_context(running_sidecar([toy_style], FakeStylizer(held=True)))
        homes = {"toy": str(toy.home), "held": str(held.home)}
        (folder / "config.json").write_text(json.dumps({"homes": homes}))
        for binding in BINDINGS:
            if python_of(binding).is_file():
                found[binding] = became_of(binding, folder)
    return found


def became_of(binding, folder):
    arguments = [binding, str(folder / "nijigan_krita"), str(folder / "config.json")]
    done = subprocess.run(
        [str(python_of(binding)), "-E", str(SCRIPT), *arguments],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line[:1] == "{"]
    return {line["case"]: line["result"] for line in lines}, done.stdout + done.stderr


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("binding", BINDINGS)
def test_widgets(results, binding, case):
    if binding not in results:
        pytest.skip(f"no {binding}: make .venv/{binding.lower()}/.installed brings it")
    became, output = results[binding]
    assert case in became, f"It ended before it: {output}"
    assert became[case] == "ok", became[case]
