"""Finding styles by name."""

import json
import os
import shutil

import pytest

from nijigan.core.errors import StyleError, StyleNotFoundError
from nijigan.export.styles import StyleLibrary, default_folders


@pytest.fixture
def shelf(make_toy_style, tmp_path):
    """A folder that holds the styles `cel` and `ink`, and a file."""
    for name in ("cel", "ink"):
        shutil.copytree(make_toy_style(name), tmp_path / "shelf" / name)
    (tmp_path / "shelf" / "notes.txt").write_text("x")
    return tmp_path / "shelf"


def test_styles_are_found_in_a_shelf_or_given_one_by_one(shelf, toy_style):
    library = StyleLibrary([toy_style, shelf, shelf / "none"])
    assert library.names() == ["cel", "ink", "toy"]
    assert [style.title for style in library.all()] == ["Toy"] * 3
    assert library.get("ink").folder == shelf / "ink"


def test_the_first_folder_wins(shelf, make_toy_style):
    mine = make_toy_style("cel", working_short_side=99)
    assert StyleLibrary([mine, shelf]).get("cel").scale.working_short_side == 99
    assert StyleLibrary([shelf, mine]).get("cel").scale.working_short_side == 64


def test_a_style_in_fewer_bits_is_within_the_whole_one(shelf, make_toy_style):
    shutil.copytree(make_toy_style("ink", working_short_side=99), shelf / "ink" / "int8")
    library = StyleLibrary([shelf])
    assert library.names() == ["cel", "ink"]
    assert [style.name for style in library.all()] == ["cel", "ink"]
    sides = [library.get(name).scale.working_short_side for name in ("ink", "ink:int8")]
    assert sides == [64, 99]
    assert (library.precisions("ink"), library.precisions("cel")) == (["int8"], [])
    assert StyleLibrary([shelf / "ink"]).get("ink:int8").folder == shelf / "ink/int8"
    with pytest.raises(StyleNotFoundError, match=r"'ink:int4'.*Did you mean 'ink:int8'"):
        library.get("ink:int4")
    (shelf / "ink/int8/weights.bin").unlink()
    library = StyleLibrary([shelf])
    with pytest.raises(StyleError, match=r"weights\.bin"):
        library.get("ink:int8")
    assert library.get("ink").scale.working_short_side == 64


def test_an_unknown_name(shelf):
    with pytest.raises(StyleNotFoundError, match=r"'cell'.*Did you mean 'cel'"):
        StyleLibrary([shelf]).get("cell")
    with pytest.raises(StyleNotFoundError, match="None is known"):
        StyleLibrary([]).get("cel")
    with pytest.raises(StyleNotFoundError):  # a name is no path
        StyleLibrary([shelf]).get("../shelf/cel")


def test_styles_come_and_go(shelf, toy_style):
    library = StyleLibrary([shelf])
    shutil.copytree(toy_style, shelf / "toy")
    assert library.get("toy").name == "toy"
    shutil.rmtree(shelf / "toy")
    with pytest.raises(StyleNotFoundError):
        library.get("toy")


def test_a_replaced_style_is_verified_again(shelf):
    library = StyleLibrary([shelf])
    library.get("cel")
    (shelf / "cel/README.md").write_text("# Cel, changed\n")
    data = json.loads((shelf / "cel/style.json").read_text())
    data["version"] = "1.0.1"
    (shelf / "cel/style.json").write_text(json.dumps(data))
    with pytest.raises(StyleError, match=r"README\.md"):
        library.get("cel")


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_a_broken_style_hides_no_other(shelf, text):
    (shelf / "cel/style.json").write_text(text)
    library = StyleLibrary([shelf])
    assert library.names() == ["ink"]
    assert "not JSON" in str(library.broken()[0])
    with pytest.raises(StyleError, match="not JSON"):
        library.get("cel")


def test_where_styles_are_looked_for(shelf, tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_STYLES", os.pathsep.join([str(shelf), "", str(tmp_path)]))
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    assert default_folders()[:3] == [shelf, tmp_path, tmp_path / "home/styles"]
    assert default_folders()[3].name == "styles"
