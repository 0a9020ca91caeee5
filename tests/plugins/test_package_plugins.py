"""What artists install: made of the sources alone, the same bytes each time, and on its own."""

import ast
import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from package_plugins import package_blender, package_krita, package_unity  # noqa: E402
from private_imports import PrivateImportError, make_private  # noqa: E402

HOSTS_OWN = {"bpy", "numpy"}
KRITAS_OWN = {"krita", "PyQt5", "PyQt6"}
PACKAGES = {"mine": "", "ours.client": "_carried.client", "h2": "_carried.h2"}

# The extension's own `__init__` needs Blender; a package without one stands for it.
AS_A_HOST_DOES = """
import sys, types
sys.modules["any.name"] = types.ModuleType("any.name")
sys.modules["any.name"].__path__ = ["any/name"]
import any.name._carried.host.sidecar
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def extension(tmp_path_factory):
    return package_blender(tmp_path_factory.mktemp("dist"))


def test_the_same_sources_give_the_same_bytes(extension, tmp_path):
    assert package_blender(tmp_path).read_bytes() == extension.read_bytes()


def test_it_has_the_project_s_version_and_its_licenses(extension):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert extension.name == f"nijigan_blender-{project['version']}.zip"
    with zipfile.ZipFile(extension) as archive:
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
        assert (manifest["version"], manifest["id"]) == (project["version"], "nijigan_blender")
        assert b"GNU GENERAL PUBLIC LICENSE" in archive.read("LICENSE")
        for package in ("client", "h2", "hpack", "hyperframe"):
            assert b"icense" in archive.read(f"_carried/{package}/LICENSE")


def test_nothing_outside_of_it_is_imported(extension):
    with zipfile.ZipFile(extension) as archive:
        sources = {PurePosixPath(n): archive.read(n) for n in archive.namelist() if ".py" in n}
    assert len(sources) > 50
    for path, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.level:
                folder = PurePosixPath(*path.parts[: len(path.parts) - node.level])
                module = folder / (node.module or "").replace(".", "/")
                for name in [alias.name for alias in node.names]:
                    files = (f"{module}.py", f"{module}/__init__.py", f"{module}/{name}.py")
                    assert any(PurePosixPath(file) in sources for file in files), (path, name)
            else:
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) else []
                tops = {name.split(".")[0] for name in names}
                assert tops <= {*sys.stdlib_module_names, *HOSTS_OWN}, path


def test_what_it_carries_runs_under_another_name(extension, tmp_path):
    with zipfile.ZipFile(extension) as archive:
        archive.extractall(tmp_path / "any" / "name")
    command = [sys.executable, "-S", "-E", "-c", AS_A_HOST_DOES]
    loaded = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    names = loaded.stdout.split()
    assert "any.name._carried.h2.connection" in names
    assert not {"h2", "hpack", "hyperframe", "nijigan"} & set(names)


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    return package_krita(tmp_path_factory.mktemp("dist"))


def test_krita_s_plugin_is_laid_out_as_its_importer_wants_it(plugin, tmp_path):
    assert package_krita(tmp_path).read_bytes() == plugin.read_bytes()
    with zipfile.ZipFile(plugin) as archive:
        names = set(archive.namelist())
        desktop = archive.read("nijigan_krita.desktop").decode()
        assert b"GNU GENERAL PUBLIC LICENSE" in archive.read("nijigan_krita/LICENSE")
    roots = {name.partition("/")[0] for name in names}
    assert roots == {"nijigan_krita.desktop", "nijigan_krita.action", "nijigan_krita"}
    assert "X-KDE-Library=nijigan_krita\n" in desktop
    assert "X-Krita-Manual=manual.html\n" in desktop
    for name in ("", "__init__.py", "manual.html", "README.md", "_carried/h2/LICENSE"):
        assert f"nijigan_krita/{name}" in names


def test_krita_s_manual_and_page_name_the_shortcuts_that_there_are():
    krita = ROOT / "plugins/krita"
    actions = (krita / "nijigan_krita.action").read_text(encoding="utf-8")
    there = {keys.lower() for keys in re.findall(r"<shortcut>(.+)</shortcut>", actions)}
    for page in ("nijigan_krita/manual.html", "README.md"):
        named = re.findall(r"Ctrl\+[\w+]+", (krita / page).read_text(encoding="utf-8"))
        assert {keys.lower() for keys in named} == there, page


def test_krita_s_plugin_needs_qt_and_krita_alone(plugin):
    with zipfile.ZipFile(plugin) as archive:
        for name in archive.namelist():
            if name.endswith(".py"):
                for node in ast.walk(ast.parse(archive.read(name), feature_version=(3, 8))):
                    if isinstance(node, ast.ImportFrom) and node.level == 0:
                        tops = {(node.module or "").split(".")[0]}
                    elif isinstance(node, ast.Import):
                        tops = {alias.name.split(".")[0] for alias in node.names}
                    else:
                        continue
                    assert tops <= {*sys.stdlib_module_names, *KRITAS_OWN}, name


def test_unity_s_package_is_laid_out_as_its_package_manager_wants_it(tmp_path):
    path = package_unity(tmp_path / "dist")
    assert package_unity(tmp_path).read_bytes() == path.read_bytes()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert path.name == f"com.nijigan.stylizer-{project['version']}.tgz"
    with tarfile.open(path) as archive:
        assert all(entry.isfile() and entry.mode == 0o644 for entry in archive)
        archive.extractall(tmp_path, filter="data")
    package = tmp_path / "package"
    manifest = json.loads((package / "package.json").read_text())
    assert (manifest["name"], manifest["version"]) == ("com.nijigan.stylizer", project["version"])
    assert manifest["unity"] == "2021.3"
    for sample in manifest["samples"]:
        kinds = {each.suffix for each in (package / sample["path"]).iterdir()}
        assert {".asmdef", ".unity"} <= kinds, sample
    for name in ("README", "CHANGELOG", "LICENSE", "Third Party Notices"):
        assert (package / f"{name}.md.meta").exists()
        assert (package / f"{name}.md").read_text(encoding="utf-8")
    assert f"## [{project['version']}]" in (package / "CHANGELOG.md").read_text()
    assert list((package / "Documentation~").glob("*.md"))
    suffixes = {each.suffix for each in package.rglob("*") if each.is_file()}
    # No library that was built.
    assert suffixes == {".cs", ".asmdef", ".unity", ".md", ".json", ".meta"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from h2.errors import ErrorCodes", "from ..._carried.h2.errors import ErrorCodes"),
        ("    from ours.client import a  # why", "    from ..._carried.client import a  # why"),
        ("from mine.b import c", "from ...b import c"),
        ("import h2.errors", "from ..._carried import h2; from ..._carried.h2 import errors"),
        ("from h2x import y", "from h2x import y"),
        ("import os", "import os"),
        ("text = 'from h2 import x'", "text = 'from h2 import x'"),
    ],
)
def test_imports_are_made_relative(line, expected):
    assert make_private(line, PurePosixPath("a/b/c.py"), PACKAGES) == expected


@pytest.mark.parametrize("line", ["import h2 as other", "import os, h2", "import ours.client"])
def test_what_is_not_rewritten_is_refused(line):
    with pytest.raises(PrivateImportError, match="Write `from"):
        make_private(line, PurePosixPath("a.py"), PACKAGES)
