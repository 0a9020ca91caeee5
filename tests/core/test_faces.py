"""Data sets of faces: what is dropped and why, groups, and what is written."""

import json
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from nijigan.core.datasets.attributes import read_attributes
from nijigan.core.datasets.faces import FaceSettings, make_faces
from nijigan.core.datasets.occlusion import PATCH, face_patch, occluded
from nijigan.core.errors import DataError, UsageError
from nijigan.core.images import Picture, read_picture, write_picture
from nijigan.core.verbs.data import app
from nijigan.export.photos import bundled_photos

SIDE = 96


@dataclass(frozen=True)
class Face:
    side: float
    right_eye: tuple[float, float]
    left_eye: tuple[float, float]


class Finder:
    """Knows what `portrait` draws: a face fills the picture, whose first pixel has their number."""

    least_sharpness = 0.2

    def find(self, rgb):
        side = rgb.shape[0]
        face = Face(side, (0.34 * side, 0.4 * side), (0.66 * side, 0.4 * side))
        return [face] * int(rgb[0, 0, 0])

    def sharpness(self, rgb, face):
        return float(rgb[..., 0].std() / 100)

    def frame_side(self, rgb, face):
        return face.side

    def cut(self, rgb, face, size):
        return np.asarray(Image.fromarray(rgb).resize((size, size)))


def portrait(seed, side=SIDE, faces=1, cover=None):
    """Something with eyes and a mouth, of any color of skin, before blobs of any color."""
    rng = np.random.default_rng(seed)
    tone = np.array([224, 172, 140]) * rng.uniform(0.45, 1.1)
    blobs = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    image = blobs.resize((side, side), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)

    def ellipse(x, y, width, height, color):
        box = [(x - width) * side, (y - height) * side, (x + width) * side, (y + height) * side]
        draw.ellipse(box, fill=tuple(int(c) for c in color))

    ellipse(0.5, 0.55, 0.36, 0.42, tone)
    for x in (0.34, 0.66):
        ellipse(x, 0.4, rng.uniform(0.06, 0.08), 0.035, tone * 0.4)
        ellipse(x, 0.32, 0.09, rng.uniform(0.01, 0.02), tone * 0.5)
    ellipse(0.5, 0.56, 0.04, rng.uniform(0.05, 0.07), tone * 0.85)
    ellipse(0.5, 0.74, rng.uniform(0.12, 0.18), 0.03, tone * [0.9, 0.5, 0.5])
    if cover == "mask":
        draw.rectangle([0.1 * side, 0.55 * side, 0.9 * side, side], fill=(150, 190, 220))
    if cover == "sunglasses":
        for x in (0.34, 0.66):
            ellipse(x, 0.4, 0.14, 0.1, (15, 15, 18))
    noisy = np.asarray(image) + rng.normal(0, 3, (side, side, 3))
    pixels = noisy.clip(1, 255).astype(np.uint8)
    pixels[0, 0] = faces
    return pixels


def without_color(rgb):
    gray = rgb.mean(axis=2, keepdims=True).repeat(3, axis=2).astype(np.uint8)
    gray[0, 0] = rgb[0, 0]
    return gray


def write(path, pixels):
    write_picture(path, Picture(np.ascontiguousarray(pixels)))


def make(photos, out=None, attributes=None, finder=None, **settings):
    chosen = FaceSettings(**{"size": 64, **settings})
    return make_faces(photos, out, chosen, finder or Finder(), attributes, lambda *_: None)


def problems(report):
    return {each.name: each.problem for each in report.dropped}


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for seed in range(6):
        write(folder / f"p{seed}.png", portrait(seed))
    return folder


def test_good_faces_are_framed_and_split(photos, tmp_path):
    for seed in range(6, 40):
        write(photos / f"more/p{seed}.png", portrait(seed))
    report = make(photos, tmp_path / "set")
    assert len(report.kept) == 40
    assert not report.dropped
    written = sorted(path.name for path in (tmp_path / "set/photo").iterdir())
    assert written == sorted(f"{each.name}.png" for each in report.kept)
    assert read_picture(tmp_path / "set/photo/more-p6.png").rgb.shape == (64, 64, 3)
    split = json.loads((tmp_path / "set/split.json").read_text())
    assert sorted(split["train"] + split["val"]) == sorted(f"photo/{n[:-4]}" for n in written)
    assert 0 < len(split["val"]) < 15


def test_each_photo_that_teaches_little_is_dropped_for_its_reason(photos):
    (photos / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    write(photos / "empty.png", portrait(10, faces=0))
    write(photos / "crowd.png", portrait(11, faces=3))
    write(photos / "tiny.png", portrait(12, side=60))
    soft = np.full((SIDE, SIDE, 3), [99, 60, 60], np.uint8)
    soft[0, 0] = 1
    write(photos / "soft.png", soft)
    write(photos / "gray.png", without_color(portrait(14)))
    assert problems(make(photos)) == {
        "damaged": "unreadable",
        "empty": "no-face",
        "crowd": "several",
        "tiny": "small",
        "soft": "blurred",
        "gray": "gray",
    }


def test_a_set_that_is_gray_throughout_is_kept(photos):
    for path in photos.iterdir():
        write(path, without_color(read_picture(path).rgb))
    assert len(make(photos).kept) == 6


def test_of_copies_the_largest_is_kept(photos):
    large = np.asarray(Image.fromarray(portrait(0)).resize((192, 192)))
    write(photos / "again.png", np.concatenate([portrait(0)[:1, :1].repeat(192, 1), large[1:]]))
    assert problems(make(photos)) == {"p0": "duplicate"}


@pytest.mark.parametrize("cover", ["mask", "sunglasses"])
def test_covered_faces_are_told_from_a_set(cover):
    faces = [portrait(seed) for seed in range(80)]
    faces += [portrait(seed, cover=cover) for seed in range(80, 100)]
    found = Finder().find(faces[0])[0]
    told = occluded([face_patch(face, found) for face in faces])
    assert told[80:].all()
    assert told[:80].sum() <= 2


def test_covered_faces_are_dropped_and_few_are_not_judged(photos):
    write(photos / "masked.png", portrait(50, cover="mask"))
    assert not make(photos).occlusion
    for seed in range(100, 150):
        write(photos / f"p{seed}.png", portrait(seed))
    report = make(photos)
    assert report.occlusion
    assert problems(report) == {"masked": "occluded"}
    with pytest.raises(ValueError, match="7 faces are fewer than 50"):
        occluded([np.zeros((PATCH, PATCH, 3), np.uint8)] * 7)


@pytest.mark.parametrize("degrees", [0, 30, -50])
def test_faces_lie_over_each_other_however_they_are_turned(degrees):
    large = portrait(3, side=480)
    upright = face_patch(large, Finder().find(large)[0])
    turned = np.asarray(Image.fromarray(large).rotate(degrees, Image.Resampling.BICUBIC))
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))

    def moved(x, y):
        x, y = x - 240, y - 240
        return (x * c + y * s + 240, -x * s + y * c + 240)

    face = Face(480, moved(0.34 * 480, 0.4 * 480), moved(0.66 * 480, 0.4 * 480))
    patch = face_patch(turned, face)
    inside = (slice(4, -6), slice(4, -4))  # corners were turned out of the picture
    assert np.abs(patch[inside].astype(float) - upright[inside]).mean() < 6


def test_celeba_s_table_makes_groups(photos, tmp_path):
    lines = ["6", "Male Young"]
    lines += [f"p{i}.jpg {1 if i % 2 else -1:>2} {1 if i < 4 else -1:>2}" for i in range(5)]
    (tmp_path / "list_attr_celeba.txt").write_text("\n".join(lines) + "\n")
    table = read_attributes(tmp_path / "list_attr_celeba.txt")
    report = make(photos, tmp_path / "set", table, by=("Male", "Young"))
    assert report.groups == {"male_young": 2, "not-male_not-young": 1, "not-male_young": 2}
    assert problems(report) == {"p5": "unknown"}
    assert sorted(p.name for p in (tmp_path / "set").iterdir()) == sorted(report.groups)
    assert (tmp_path / "set/male_young/photo/p1.png").is_file()
    split = json.loads((tmp_path / "set/male_young/split.json").read_text())
    assert sorted(split["train"] + split["val"]) == ["photo/p1", "photo/p3"]


def test_a_table_of_anything_makes_groups(photos, tmp_path):
    text = "file,Age group\n" + "".join(f"p{i}.png,{20 * (i % 3)} to…\n" for i in range(6))
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    table = read_attributes(tmp_path / "table.csv")
    report = make(photos, None, table, by=("Age group",))
    assert report.groups == {"age-group-0-to": 2, "age-group-20-to": 2, "age-group-40-to": 2}
    with pytest.raises(UsageError, match="no attribute 'Age grup'"):
        make(photos, None, table, by=("Age grup",))
    (tmp_path / "table.csv").write_text("file,Age group\np0.png\n")
    with pytest.raises(DataError, match="line 2: 1 values where 2 belong"):
        read_attributes(tmp_path / "table.csv")


def test_nothing_is_left_of_a_set_that_cannot_be_written(photos, tmp_path):
    class Failing(Finder):
        cuts = 0

        def cut(self, rgb, face, size):
            self.cuts += 1
            if self.cuts > 8:
                raise OSError("no space left")
            return super().cut(rgb, face, size)

    with pytest.raises(OSError, match="no space"):
        make(photos, tmp_path / "set", finder=Failing())
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]
    (tmp_path / "set").mkdir()
    (tmp_path / "set/mine.txt").write_text("mine")
    with pytest.raises(DataError, match="is there already"):
        make(photos, tmp_path / "set")
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["mine.txt"]


def test_no_face_at_all_is_an_error_that_counts(tmp_path):
    for seed in range(3):
        write(tmp_path / f"{seed}.png", portrait(seed, faces=0))
    with pytest.raises(DataError, match="Of 3 photos no face is left: 3 no-face"):
        make(tmp_path)


def test_the_command_finds_the_astronaut_among_photos(tmp_path):
    with bundled_photos() as paths:
        for path in paths:
            write(tmp_path / f"photos/{path.stem}.png", read_picture(path).rgb)
    out = tmp_path / "set"
    command = ["faces", str(tmp_path / "photos"), "-o", str(out), "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [each["name"] for each in report["kept"]] == ["astronaut"]
    assert Counter(report["problems"].keys()) == Counter(["no-face"])
    assert not report["occlusion"]
    assert read_picture(out / "photo/astronaut.png").rgb.shape == (158, 158, 3)
    told = CliRunner().invoke(app, ["faces", str(tmp_path / "photos")])
    assert "1 faces kept" in told.stdout
    assert "too few faces to tell" in told.stdout
