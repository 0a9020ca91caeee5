"""`nijigan styles new`: from photos and someone who draws to an installed style."""

import signal
from importlib import resources

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import nijigan.export.new_style as new_style
from nijigan.core.cli import build_app
from nijigan.core.datasets.split import read_split
from nijigan.core.errors import DataError, UsageError
from nijigan.core.images import read_picture, read_size
from nijigan.core.training.loop import Trained
from nijigan.export.styles import StyleLibrary, default_folders

SMALL = (
    "model.ngf=4",
    "model.bottleneck=8",
    "model.n_blocks=1",
    "model.dilations=[1]",
    "discriminator.ndf=4",
    "method.patches=16",
    "method.width=8",
    "data.crop=64",
    "train.steps=6",
    "train.bf16=false",
    "train.threads=1",
    "train.sample_every=6",
)


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NIJIGAN_STYLES", raising=False)
    write_pictures(tmp_path / "photos", 8)
    # Even half as large again it has no crop of 64 pixels.
    write_pictures(tmp_path / "photos" / "tiny", 1, side=40)
    (tmp_path / "mine.py").write_text("def draw(photo):\n    return photo[..., ::-1]\n")
    return tmp_path / "photos"


DRAWINGS = resources.files("nijigan.export") / "data"


def write_pictures(folder, count, side=70):
    folder.mkdir(parents=True)
    for i in range(count):
        pixels = np.random.default_rng(i).integers(0, 256, (side, side, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")


def run(name, photos, *arguments):
    sets = [part for override in SMALL for part in ("--set", override)]
    words = ["styles", "new", name, str(photos), *sets, *map(str, arguments)]
    return CliRunner().invoke(build_app(), words, catch_exceptions=True)


def test_a_teacher_of_ones_own_becomes_a_style_that_is_installed(photos):
    result = run("my_style", photos, "--teacher", photos.parent / "mine.py", "--jobs", 1)
    assert result.exit_code == 0, result.output
    style = StyleLibrary(default_folders()).get("my_style")
    assert str(style.folder) in result.output
    assert (style.title, style.method, style.strength) == ("My style", "nijigan", "ode")
    assert "mine.py" in style.training["data"]
    assert (style.training["steps"], style.training["seed"]) == (6, 0)
    pairs = photos.parent / "home/making/my_style/pairs"
    split = read_split(pairs)
    assert style.training["split_sha256"] == split.sha256
    names = split.train + split.held_out
    assert len([name for name in names if not name.endswith("-recolored")]) == 8
    assert "Made of 8 photos" in style.description
    photo, drawn = (read_picture(pairs / kind / "3.png").rgb for kind in ("photo", "drawn"))
    np.testing.assert_array_equal(drawn, photo[..., ::-1])


def test_a_folder_of_drawings_does_too_with_a_card_by_who_made_it(photos):
    card = photos.parent / "card.toml"
    card.write_text('name = "my_style"\nlicense = "CC0-1.0"\nworking_short_side = 1080\n')
    write_pictures(photos.parent / "drawings", 5, side=300)
    drawings = ("--drawings", photos.parent / "drawings", "--card", card)
    result = run("other", photos, *drawings)
    assert "The card's name is 'my_style', the style's 'other'" in str(result.exception)
    result = run("my_style", photos, *drawings)
    assert result.exit_code == 0, result.output
    style = StyleLibrary(default_folders()).get("my_style")
    assert style.method == "fastcut"
    assert (style.license, style.scale.working_short_side) == ("CC0-1.0", 1080)
    data = photos.parent / "home/making/my_style/unpaired"
    assert style.training["split_sha256"] == read_split(data).sha256
    assert read_size(data / "drawn/0.png") == (450, 450)


def test_a_stopped_training_makes_no_style_and_goes_on(photos, monkeypatch):
    train = new_style.train
    teacher = ("--teacher", "cel", "--jobs", 1, "--set", "train.log_every=2")
    monkeypatch.setattr(new_style, "train", lambda *_, **__: Trained(None, interrupted=True))
    assert run("my_style", photos, *teacher).exit_code == 130

    def stopped(*arguments, say):
        def say_and_stop(line):
            say(line)
            if line.startswith("step 2/"):
                signal.raise_signal(signal.SIGINT)

        return train(*arguments, say=say_and_stop)

    monkeypatch.setattr(new_style, "train", stopped)
    result = run("my_style", photos, *teacher)
    assert result.exit_code == 130
    assert "stopped at step 2; the same command goes on" in result.output
    assert "my_style" not in StyleLibrary(default_folders()).names()
    monkeypatch.setattr(new_style, "train", train)
    result = run("my_style", photos, *teacher)
    assert result.exit_code == 0
    assert "step 4/" in result.output
    assert "step 2/" not in result.output
    assert "my_style" in StyleLibrary(default_folders()).names()


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("my_style", (), "neither is given"),
        ("my_style", ("--teacher", "cel", "--drawings", "."), "both is given"),
        ("my_style", ("--teacher", "cell"), "Did you mean 'cel'?"),
        ("My Style", ("--teacher", "cel"), "cannot be named 'My Style'"),
        ("cel", ("--teacher", "cel"), "There is a style 'cel' already"),
        ("my_style", ("--teacher", "cel", "--recipe", "styl"), "Did you mean 'style'?"),
        ("my_style", ("--drawings", DRAWINGS, "--recipe", "style"), "'nijigan' does not learn"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_made(photos, name, arguments, said):
    result = run(name, photos, *arguments)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert not (photos.parent / "home").exists()


def test_a_network_that_does_not_draw_is_refused_before_it_is_trained(photos):
    words = ["styles", "new", "my_style", str(photos), "--teacher", "cel", "--recipe", "vqi2i_tiny"]
    said = str(CliRunner().invoke(build_app(), words).exception)
    assert "'vqi2i_cross' does not turn one picture into another" in said
    assert not (photos.parent / "home").exists()


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ('auto = "guidd"', "known: guided, native"),
        ('license = "CC0-1.0"', "The card's license is 'CC0-1.0', the checkpoint's 'MIT'"),
        ('license = "MIT"', "home/styles/my_style' exists and has no style.json"),
    ],
)
def test_what_the_export_would_refuse_is_said_before_hours_are_spent(photos, card, said):
    path, home = photos.parent / "card.toml", photos.parent / "home"
    path.write_text(f'name = "my_style"\n{card}\n')
    if "MIT" in card:
        (home / "styles/my_style").mkdir(parents=True)
    options = ("--teacher", "cel", "--card", path, "--set", "data.license=MIT")
    assert said in str(run("my_style", photos, *options).exception)
    assert not (home / "making").exists()


def test_without_a_card_a_style_has_the_license_of_the_recipe(photos):
    options = ("--teacher", "cel", "--jobs", 1, "--set", "data.license=CC0-1.0")
    assert run("my_style", photos, *options).exit_code == 0
    assert StyleLibrary(default_folders()).get("my_style").license == "CC0-1.0"


def test_other_photos_than_a_run_began_with_are_refused_and_nothing_is_lost(photos):
    teacher = ("--teacher", "cel", "--jobs", 1)
    assert run("my_style", photos, *teacher).exit_code == 0
    split = photos.parent / "home/making/my_style/pairs/split.json"
    before = split.read_bytes()
    (photos / "3.png").rename(photos / "other.png")
    result = run("my_style", photos, *teacher, "--replace", "--set", "train.steps=7")
    assert "learns from other pictures: 1 ('other') came, 2 ('3', '3-recolored') went" in str(
        result.exception
    )
    assert split.read_bytes() == before
    (photos / "other.png").rename(photos / "3.png")
    result = run("my_style", photos, *teacher, "--replace", "--set", "train.steps=7")
    assert result.exit_code == 0, result.output


def test_a_style_is_learned_on_from_another(photos):
    teacher = ("--teacher", "cel", "--jobs", 1)
    assert run("first", photos, *teacher).exit_code == 0
    begun = (*teacher, "--begin-with", "first", "--set", "train.steps=2", "--set", "optim.lr=0.0")
    result = run("second", photos, *begun)
    assert result.exit_code == 0, result.output
    library = StyleLibrary(default_folders())
    first, second = library.get("first"), library.get("second")
    assert second.training["began_with"] == "first-0.1.0"
    assert "on from `first-0.1.0`" in (second.folder / "README.md").read_text()
    # Nothing was learned at a rate of 0: it draws what the other draws, its norms folded.
    assert second.generator["config"] == first.generator["config"] | {"norm": "none"}
    assert read_picture(second.folder / "preview.png").rgb.tobytes() == (
        read_picture(first.folder / "preview.png").rgb.tobytes()
    )
    result = run("second", photos, *begun, "--replace", "--set", "train.steps=3")
    assert result.exit_code == 0, result.output
    assert "Say --set" not in result.output


def test_photos_that_are_all_too_small_are_refused(photos):
    result = run("my_style", photos / "tiny", "--teacher", "cel")
    assert isinstance(result.exception, DataError)
    assert "None of the 1 photos has 64 pixels" in str(result.exception)
