"""The extension in a real Blender, installed from its zip, against real sidecars.

`make .venv/bpy/.installed` brings that Blender, which has no windows.
"""

import ast
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nijigan.core.errors import EngineError
from nijigan.server.testing import FakeStylizer, running_sidecar

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from package_plugins import package_blender  # noqa: E402

# Of another version on demand: NIJIGAN_BPY is a Python that has bpy.
BPY = Path(os.environ.get("NIJIGAN_BPY") or ROOT / ".venv/bpy/bin/python")
SCRIPT = ROOT / "tests/plugins/blender/cases.py"
CASES = [
    node.name[5:]
    for node in ast.parse(SCRIPT.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("case_")
]
SECONDS = 300

pytestmark = pytest.mark.skipif(
    not BPY.is_file(), reason="no Blender: make .venv/bpy/.installed brings one"
)


@pytest.fixture(scope="module")
def files(toy_style, tmp_path_factory):
    """Pictures, and what the command line draws of the first one."""
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(5)
    paths = {}
    for name, shape in (("source", (72, 96, 4)), ("small", (32, 16, 3)), ("other", (20, 20, 3))):
        paths[name] = str(folder / f"{name}.png")
        Image.fromarray(random.integers(0, 256, shape, np.uint8)).save(paths[name])
    paths["drawn"] = str(folder / "drawn.png")
    options = ["--style", str(toy_style), "--strength", "0.7", "--quality", "fine"]
    command = [sys.executable, "-m", "nijigan.core", "stylize", paths["source"], *options]
    subprocess.run([*command, "-o", paths["drawn"]], check=True, capture_output=True)
    return paths


@pytest.fixture(scope="module")
def homes(toy_style, toy_global_style, tmp_path_factory):
    """Data directories: of a sidecar that draws, of others, and without one."""
    fakes = {
        "held": FakeStylizer(held=True),
        "failing": FakeStylizer(EngineError("It broke.", "Mend it.")),
    }
    with ExitStack() as stack:
        found = {"toy": stack.enter_context(running_sidecar([toy_style, toy_global_style])).home}
        for name, fake in fakes.items():
            found[name] = stack.enter_context(running_sidecar(stylizer=fake)).home
        for name in ("none", "own", "old"):
            found[name] = tmp_path_factory.mktemp(name)
        old = {"port": 1, "token": "t", "api_level": 0, "version": "0.0.1"}
        (found["old"] / "sidecar.json").write_text(json.dumps(old))
        yield {name: str(path) for name, path in found.items()}


@pytest.fixture(scope="module")
def results(request, files, homes, tmp_path_factory):
    """What became of each case that is wanted, in one Blender, for it takes seconds to start."""
    folder = tmp_path_factory.mktemp("blender")
    items = (getattr(item, "callspec", None) for item in request.session.items)
    wanted = [spec.params["case"] for spec in items if spec and "case" in spec.params]
    config = {
        "extension": str(package_blender(folder)),
        "folder": str(folder),
        "files": files,
        "homes": homes,
        "python": sys.executable,
        "cases": wanted,
    }
    (folder / "config.json").write_text(json.dumps(config))
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(folder / "user")}
    environment.pop("PYTHONPATH", None)  # what the extension needs, it carries
    done = subprocess.run(
        [str(BPY), str(SCRIPT), str(folder / "config.json")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"case"')]
    return {line["case"]: line["result"] for line in lines}, done.stdout + done.stderr


@pytest.mark.parametrize("case", [*CASES, "uninstalled"])
def test_in_blender(results, case):
    became, output = results
    assert case in became, f"Blender ended before it: {output}"
    assert became[case] == "ok", became[case]


def test_the_built_extension_is_valid(tmp_path):
    """By Blender's own check."""
    extension = package_blender(tmp_path)
    found = list(BPY.parents[1].rglob("bl_pkg/cli/blender_ext.py"))
    command = [str(BPY), str(found[0]), "validate", str(extension)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
