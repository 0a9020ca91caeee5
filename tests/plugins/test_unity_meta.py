"""The .meta files of Unity's package: there, the only ones, unique, and never another GUID."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import unity_meta  # noqa: E402


@pytest.fixture
def package(tmp_path):
    copy = tmp_path / unity_meta.PACKAGE.name
    shutil.copytree(unity_meta.PACKAGE, copy)
    assert list(unity_meta.problems(copy)) == []
    return copy


def test_the_guids_are_those_that_were_released():
    """What refers to a script by its GUID, as scenes do, would lose it."""
    name = unity_meta.PACKAGE.name
    assert unity_meta.guid(name, "Runtime/Components/Stylizer.cs") == (
        "16199e6c621944c0383b6135814ea88e"
    )


def test_a_file_without_one_is_told_and_mended(package):
    (package / "Runtime/New.cs").write_text("class New {}\n")
    (package / "Runtime/Old.cs.meta").write_text("guid: 1\n")
    told = list(unity_meta.problems(package))
    assert [line.split()[0] for line in told] == ["Runtime/Old.cs.meta", "Runtime/New.cs"]
    unity_meta.write(package)
    assert list(unity_meta.problems(package)) == []


def test_a_guid_that_was_changed_or_copied_is_told(package):
    one, other = package / "README.md.meta", package / "CHANGELOG.md.meta"
    one.write_text(other.read_text())
    told = "\n".join(unity_meta.problems(package))
    assert "README.md.meta is not what" in told
    assert "is of 2 assets" in told


def test_a_file_that_moves_keeps_its_guid(package, monkeypatch):
    meta = package / "Runtime/AssemblyInfo.cs.meta"
    before = meta.read_text()
    (package / "Runtime/AssemblyInfo.cs").rename(package / "Runtime/Components/AssemblyInfo.cs")
    meta.unlink()
    moved = {"Runtime/Components/AssemblyInfo.cs": "Runtime/AssemblyInfo.cs"}
    monkeypatch.setattr(unity_meta, "MOVED", moved)
    unity_meta.write(package)
    assert (package / "Runtime/Components/AssemblyInfo.cs.meta").read_text() == before


def test_what_unity_does_not_import_has_none(package):
    names = {path.relative_to(package).as_posix() for path in unity_meta.assets(package)}
    assert not any(name.startswith("Documentation~") for name in names)
    assert {"Samples~", "Samples~/Avatar"}.isdisjoint(names)
    assert "Samples~/Avatar/AvatarSample.cs" in names
