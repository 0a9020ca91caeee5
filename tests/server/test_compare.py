"""`nijigan compare`: what differs between engines, styles and checkpoints, by how much."""

import json
import shutil

import numpy as np
import pytest

from nijigan.core.cli import main
from nijigan.core.errors import CheckFailedError, DataError, UsageError
from nijigan.core.images import Picture, write_picture
from nijigan.server.compare import compare
from nijigan.server.subjects import open_subjects


class Shifted:
    """Draws the picture itself, but for the values from `start` on, which are `by` larger."""

    fixed_size = None

    def __init__(self, name, by=0.0, start=0, multiple=4):
        self.name, self.by, self.start, self.input_multiple = name, by, start, multiple
        self.shapes = []

    def draw(self, image, strength):
        self.shapes.append(image.shape)
        drawn = image.copy()
        drawn.reshape(-1)[self.start :] += self.by
        return drawn


@pytest.fixture
def photos(tmp_path):
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        rgb = rng.integers(60, 200, (32, 48, 3), dtype=np.uint8)
        write_picture(tmp_path / f"{name}.png", Picture(rgb))
    return sorted(tmp_path.glob("*.png"))


def test_differences_are_those_from_the_first(photos):
    subjects = [Shifted("a"), Shifted("b", 0.02), Shifted("c", 0.5, 32 * 48 * 3 - 10)]
    everywhere, here = compare(subjects, photos, (48, 32), 1.0)
    assert everywhere.max_abs == pytest.approx(0.02, abs=1e-6)
    assert everywhere.mean_abs == pytest.approx(0.02, abs=1e-6)
    assert everywhere.psnr_db == pytest.approx(10 * np.log10(4 / 0.02**2), abs=0.01)
    assert everywhere.changed == 1.0  # 0.02 is two and a half levels
    assert here.max_abs == pytest.approx(0.5, abs=1e-6)
    assert here.p99_abs == 0.0
    assert here.changed == pytest.approx(10 / (32 * 48 * 3))


def test_equal_pictures_have_200_db(photos):
    (same,) = compare([Shifted("a"), Shifted("b")], photos, (48, 32), 1.0)
    assert (same.max_abs, same.psnr_db, same.changed) == (0.0, 200.0, 0.0)


def test_pictures_suit_all_subjects(photos):
    """30×20 reflected up to what multiples of 4 and of 6 take."""
    subjects = [Shifted("a", multiple=4), Shifted("b", multiple=6)]
    compare(subjects, photos, (30, 20), 1.0)
    assert set(subjects[0].shapes) == set(subjects[1].shapes) == {(1, 3, 24, 36)}


def test_the_worst_photo_is_named(photos):
    class OnSecond(Shifted):
        def draw(self, image, strength):
            self.by = 0.1 if self.shapes else 0.0
            return super().draw(image, strength)

    (found,) = compare([Shifted("a"), OnSecond("b")], photos, None, 1.0)
    assert found.worst == photos[1].name


@pytest.mark.parametrize(("count", "photo_count", "error"), [(1, 2, UsageError), (2, 0, DataError)])
def test_nothing_to_compare(photos, count, photo_count, error):
    subjects = [Shifted(str(n)) for n in range(count)]
    with pytest.raises(error):
        compare(subjects, photos[:photo_count], None, 1.0)


def test_subjects_of_two_sizes(photos):
    first, second = Shifted("a"), Shifted("b")
    first.fixed_size, second.fixed_size = 64, 128
    with pytest.raises(UsageError, match="64 and 128 pixels"):
        compare([first, second], photos, None, 1.0)


def test_sources_are_told_apart(toy_style, tmp_path):
    folder = shutil.copytree(toy_style, tmp_path / "at@home")
    found = open_subjects([str(toy_style), f"{folder}@onnxruntime", str(folder)], "normal", 1)
    assert [subject.name for subject in found] == ["toy@onnxruntime"] * 3


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("nijigon", "'nijigon' is no style, run, checkpoint or network"),
        ("nijigan@onnxruntime", "'onnxruntime' does not run checkpoints"),
        ("./nowhere", "'./nowhere' is no style, run, checkpoint or network"),
    ],
)
def test_sources_that_are_nothing(source, fault):
    with pytest.raises(UsageError, match=fault):
        open_subjects([source, source], "normal", 1)


@pytest.fixture
def command(photos, capsys):
    def call(*arguments):
        options = ["--photos", photos[0].parent, "--size", "32x32"]
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in ("compare", *arguments, *options)])
        return ended.value.code or 0, *capsys.readouterr()

    return call


def test_the_command(command, toy_style):
    code, out, _ = command(toy_style, toy_style)
    assert code == 0
    assert "against toy@onnxruntime, 2 photos, 32x32" in out
    assert "200.0 dB" in out
    code, out, _ = command(toy_style, toy_style, "--json")
    (found,) = json.loads(out)["rows"]
    assert found["max_abs"] == 0.0


def test_the_command_fails_past_the_tolerance(command, toy_style):
    code, _, err = command(toy_style, "cel", "--tolerance", "0.001")
    assert code == CheckFailedError.exit_code
    assert "cel@onnxruntime differs from toy@onnxruntime by" in err
