"""What of Krita's plugin needs no Krita, in the Pythons that Kritas have, and a real sidecar."""

import ast
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from nijigan.server.testing import running_sidecar

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from package_plugins import package_krita  # noqa: E402

SCRIPT = Path(__file__).parent / "krita/core_cases.py"
CASES = [
    node.name[5:]
    for node in ast.parse(SCRIPT.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("case_")
]
VERSIONS = ("3.8", "3.10", "3.11", "3.13")  # Krita 5.1, 5.2 on Windows, 5.2 elsewhere, 5.3 and 6
SECONDS = 120


def find_python(version):
    """A Python of that version: on the path, or pyenv's; None where there is none."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for found in (shutil.which(f"python{version}"), *map(str, kept)):
        check = [found, "-c", f"import sys; sys.exit('{version}.' not in sys.version)"]
        if found and subprocess.run(check, capture_output=True).returncode == 0:
            return found
    return None


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("krita")
    with zipfile.ZipFile(package_krita(folder)) as archive:
        archive.extractall(folder)
    return folder / "nijigan_krita"


@pytest.fixture(scope="module")
def results(plugin, toy_style, toy_global_style, tmp_path_factory):
    """What became of each case, by the version of Python."""
    config = tmp_path_factory.mktemp("config") / "config.json"
    found = {}
    with running_sidecar([toy_style, toy_global_style]) as sidecar:
        config.write_text(json.dumps({"homes": {"toy": str(sidecar.home)}}))
        for version in VERSIONS:
            python = find_python(version)
            if python is None:
                continue
            command = [python, "-S", "-E", "-s", str(SCRIPT), str(plugin), str(config)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
            lines = [json.loads(line) for line in done.stdout.splitlines() if line[:1] == "{"]
            became = {line["case"]: line["result"] for line in lines}
            found[version] = became, done.stdout + done.stderr
    return found


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("version", VERSIONS)
def test_in_any_python(results, version, case):
    if version not in results:
        pytest.skip(f"there is no Python {version}")
    became, output = results[version]
    assert case in became, f"Python ended before it: {output}"
    assert became[case] == "ok", became[case]


def test_all_of_it_is_the_language_of_the_oldest(plugin):
    python = find_python(VERSIONS[0])
    if python is None:
        pytest.skip(f"there is no Python {VERSIONS[0]}")
    command = [python, "-m", "compileall", "-q", str(plugin)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
