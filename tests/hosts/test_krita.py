"""The plugin in a real Krita, installed from its zip by Krita's own importer, and real sidecars.

Cases that need no window run in kritarunner, the others in a Krita under Xvfb.
"""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from nijigan.core.errors import EngineError
from nijigan.server.testing import FakeStylizer, running_sidecar

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from package_plugins import package_krita  # noqa: E402

SCRIPTS = Path(__file__).parent / "krita"
IMPORTER = Path("/usr/share/krita/pykrita/plugin_importer")
IMPORT = """
import builtins, sys
builtins.i18n = str
sys.path.insert(0, sys.argv[1])
from plugin_importer import PluginImporter
plugins = PluginImporter(sys.argv[2], sys.argv[3], lambda plugin: False).import_all()
print(*(plugin["name"] for plugin in plugins))
"""
DESKTOP = """[Desktop Entry]
Type=Service
ServiceTypes=Krita/PythonPlugin
X-KDE-Library=window_cases
X-Python-2-Compatible=false
Name=window_cases
Comment=Drives the window
"""
SECONDS = 240
REMEDY = "apt-get install krita python3-pyqt5 xvfb xauth"


def missing(*commands):
    """What is not here, of commands and of what Krita's Python needs."""
    lacking = [name for name in commands if not shutil.which(name)]
    if not lacking:
        check = ["/usr/bin/python3", "-c", "import PyQt5.QtWidgets"]
        if subprocess.run(check, capture_output=True).returncode != 0:
            lacking.append("python3-pyqt5")
    return lacking


def needs(*commands):
    lacking = missing(*commands)
    return pytest.mark.skipif(
        bool(lacking), reason=f"no Krita (without {', '.join(lacking)}): {REMEDY}"
    )


def cases_of(script):
    return [
        node.name[5:]
        for node in ast.parse((SCRIPTS / script).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("case_")
    ]


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
            found[name] = stack.enter_context(running_sidecar([toy_style], fake)).home
        found["none"] = tmp_path_factory.mktemp("none")
        yield {name: str(path) for name, path in found.items()}


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    """A user's folders, with the plugin as Krita's importer puts it."""
    folder = tmp_path_factory.mktemp("krita")
    resources = folder / "data/krita"
    resources.mkdir(parents=True)
    # kritarunner has resources of its own, which take as long again to read the first time.
    (folder / "data/kritarunner").symlink_to(resources)
    plugin = package_krita(folder)
    command = [sys.executable, "-c", IMPORT, str(IMPORTER), str(plugin), str(resources)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["nijigan_krita"]
    (folder / "config").mkdir()
    (folder / "config/kritarc").write_text(
        "[python]\nenable_nijigan_krita=true\nenable_window_cases=true\n"
    )
    # Without a GPU, OpenGL would take a twentieth of a second each time that anything is painted.
    (folder / "config/kritadisplayrc").write_text("[General]\nOpenGLRenderer=none\n")
    return folder


def run(profile, homes, command, wanted, **more):
    """What became of the wanted cases, in one Krita, for it takes seconds to start."""
    results = profile / "results"
    config = {"homes": homes, "folder": str(profile), "results": str(results), "cases": wanted}
    results.write_text("")
    (profile / "config.json").write_text(json.dumps({**config, "python": sys.executable}))
    folders = {name.upper(): profile / name for name in ("data", "config", "cache")}
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("NIJIGAN", "PYTHON"))},
        "PATH": os.defpath,  # Krita takes its library from the first Python that it finds there
        "XDG_DATA_HOME": str(folders["DATA"]),
        "XDG_CONFIG_HOME": str(folders["CONFIG"]),
        "XDG_CACHE_HOME": str(folders["CACHE"]),
        "XDG_RUNTIME_DIR": str(profile),
        "PYTHONPATH": f"{folders['DATA'] / 'krita/pykrita'}:{SCRIPTS}",
        "NIJIGAN_KRITA_CASES": str(profile / "config.json"),
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "LANGUAGE": "en",
        "PYTHONFAULTHANDLER": "1",
        **more,
    }
    with subprocess.Popen(
        command,
        env=environment,
        cwd=profile,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its screen too
            output, _ = process.communicate()
    said = output.decode(errors="replace")
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    return {line["case"]: line for line in lines}, said[-3000:]


def wanted_of(request):
    items = (getattr(item, "callspec", None) for item in request.session.items)
    return [spec.params["case"] for spec in items if spec and "case" in spec.params]


@pytest.fixture(scope="module")
def without_windows(request, profile, homes):
    command = ["kritarunner", "-s", "runner_cases", "-f", "__main__"]
    return run(profile, homes, command, wanted_of(request), QT_QPA_PLATFORM="offscreen")


@needs("kritarunner")
@pytest.mark.parametrize("case", cases_of("runner_cases.py"))
def test_without_windows(without_windows, case):
    became, said = without_windows
    assert case in became, f"Krita ended before it: {said}"
    assert became[case]["result"] == "ok", became[case]["result"]


@pytest.fixture(scope="module")
def with_windows(request, profile, homes):
    """A plugin of the tests' own drives the window."""
    (profile / "data/krita/pykrita/window_cases.desktop").write_text(DESKTOP)
    for script in ("window_cases.py", "reporting.py"):
        shutil.copy(SCRIPTS / script, profile / "data/krita/pykrita")
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24"]
    return run(profile, homes, [*screen, "krita", "--nosplash"], wanted_of(request))


@needs("krita", "xvfb-run", "xauth")
@pytest.mark.parametrize("case", cases_of("window_cases.py"))
def test_with_windows(with_windows, case):
    became, said = with_windows
    assert case in became, f"Krita ended before it: {said}"
    assert became[case]["result"] == "ok", became[case]["result"]
