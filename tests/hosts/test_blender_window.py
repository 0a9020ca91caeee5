"""The extension in a Blender with a window: its panels, its buttons, Esc.

Debian's Blender is older than what the extension is for; what it lacks is replaced here.
"""

import ast
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from nijigan.export.style import load_style, write_style_json
from nijigan.export.styles import StyleLibrary, style_of
from nijigan.server.stylizer import Stylizer
from nijigan.server.testing import FakeStylizer, running_sidecar

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from blender_in_a_window import MISSING, REMEDY, run_in_blender  # noqa: E402

SCRIPT = Path(__file__).parent / "blender_window/checks.py"
PHOTO = ROOT / "export/nijigan/export/data/coffee.jpg"
THUMBNAIL = (0, 255, 128)  # the color that the script looks for
CHECKS = [
    node.name[6:]
    for node in ast.parse(SCRIPT.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("check_")
]
MEMORY = 6 << 20  # so little that a picture has several tiles, and progress something to say
SECONDS = 300

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"no Blender with a window (without {', '.join(MISSING)}): {REMEDY}"
)


@pytest.fixture(scope="module")
def marked_style(make_toy_style):
    """One whose thumbnail is of a color that nothing else has."""
    folder = make_toy_style()
    Image.new("RGB", (64, 64), THUMBNAIL).save(folder / "preview.png")
    write_style_json(folder, load_style(folder, verify=False))
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A photo, and what the command line draws of it."""
    folder = tmp_path_factory.mktemp("pictures")
    paths = {name: str(folder / f"{name}.png") for name in ("source", "drawn")}
    with Image.open(PHOTO) as photo:
        photo.resize((600, 400)).save(paths["source"])
    options = ["--style", "cel", "--quality", "draft", "--scale", "native"]
    command = [sys.executable, "-m", "nijigan.core", "stylize", paths["source"], *options]
    subprocess.run([*command, "-o", paths["drawn"]], check=True, capture_output=True)
    return paths


@pytest.fixture(scope="module")
def results(request, marked_style, pictures, tmp_path_factory):
    """What became of each check that is wanted, in one Blender, for it takes seconds to start."""
    folder = tmp_path_factory.mktemp("blender")
    items = (getattr(item, "callspec", None) for item in request.session.items)
    wanted = [spec.params["check"] for spec in items if spec and "check" in spec.params]
    with ExitStack() as stack:
        held = FakeStylizer(held=True)
        styles = [marked_style, style_of("cel").folder]
        in_tiles = Stylizer(StyleLibrary(styles), threads=1, memory_bytes=MEMORY)
        homes = {
            "running": stack.enter_context(running_sidecar(styles, in_tiles)).home,
            "held": stack.enter_context(running_sidecar([marked_style], held)).home,
            "own": tmp_path_factory.mktemp("own"),
        }
        config = {
            **pictures,
            "homes": {name: str(home) for name, home in homes.items()},
            "folder": str(folder),
            "python": sys.executable,
            "checks": wanted,
        }
        output = run_in_blender(SCRIPT, config, folder, SECONDS)
    lines = [json.loads(line) for line in output.splitlines() if line.startswith('{"check"')]
    return {line["check"]: line["result"] for line in lines}, output


@pytest.mark.parametrize("check", CHECKS)
def test_in_a_window(results, check):
    became, output = results
    assert check in became, f"Blender ended before it: {output}"
    assert became[check] == "ok", became[check]
