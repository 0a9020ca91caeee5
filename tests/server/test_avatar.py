"""Avatars: the face that is found, what is cut out around it, and what is said where that fails."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageFilter

from nijigan.core.cli import main
from nijigan.core.errors import (
    CancelledError,
    FaceBlurredError,
    FaceTooSmallError,
    NoFaceError,
    SeveralFacesError,
    UsageError,
)
from nijigan.core.images import Picture, read_picture, resize
from nijigan.export.photos import bundled_photos
from nijigan.server.avatar.background import parse_background
from nijigan.server.avatar.blazeface import anchors, suppress
from nijigan.server.avatar.choice import choose
from nijigan.server.avatar.face import Face
from nijigan.server.avatar.frame import Frame, cut, frame_face
from nijigan.server.avatar.maker import AvatarMaker, Wish
from nijigan.server.avatar.sharpness import sharpness
from nijigan.server.avatar.sheet import cells, sheet, sized, variants
from nijigan.server.cancel import Cancel
from nijigan.server.testing import FakeStylizer, running_sidecar

DATA = Path(__file__).parents[2] / "server/nijigan/server/data"
THIRD_PARTY = Path(__file__).parents[2] / "THIRD_PARTY.md"
# By eye, in the photo of 512x512: pupils, and the chin.
RIGHT_EYE, LEFT_EYE, CHIN = (203, 103), (245, 105), (222, 172)


@pytest.fixture(scope="module")
def maker():
    return AvatarMaker()


@pytest.fixture(scope="module")
def photos():
    with bundled_photos() as paths:
        return {path.stem: read_picture(path) for path in paths}


@pytest.fixture(scope="module")
def astronaut(photos):
    return photos["astronaut"]


def framed(maker, rgb, **wish):
    return maker.frame(Picture(rgb), Wish(**wish), Cancel())


def face_at(middle, side, eye_height=None, roll=0.0):
    x, y = middle
    eyes = y if eye_height is None else eye_height
    right, left = (x - side / 5, eyes - roll), (x + side / 5, eyes + roll)
    return Face(x - side / 2, y - side / 2, side, side, 1.0, right, left)


def test_the_astronaut_is_found_where_she_is(maker, astronaut):
    found = framed(maker, astronaut.rgb)
    (face,) = found.faces
    assert np.hypot(*np.subtract(face.right_eye, RIGHT_EYE)) < 4
    assert np.hypot(*np.subtract(face.left_eye, LEFT_EYE)) < 4
    assert abs(face.top + face.height - CHIN[1]) < 8
    frame = found.frame
    left, top = (middle - frame.side / 2 for middle in frame.middle)
    assert abs((face.middle[0] - left) / frame.side - 0.5) <= 0.06
    assert 0.36 <= (face.between_eyes[1] - top) / frame.side <= 0.48
    assert left >= 0
    assert top >= 0
    assert left + frame.side <= 512
    assert top + frame.side <= 512


@pytest.mark.parametrize("side", [100, 512, 2000])
def test_her_size_and_place_do_not_matter(maker, astronaut, side):
    """The last: in a corner of a picture so large that she is a tenth of its height."""
    rgb = astronaut.rgb if side == 512 else np.full((side, side, 3), 128, np.uint8)
    if side == 2000:
        rgb[-512:, -512:] = astronaut.rgb
    if side == 100:
        rgb = np.pad(astronaut.rgb[:330, 60:390], ((0, 700), (0, 0), (0, 0)))
    (face,) = framed(maker, rgb).faces
    corner = {100: (60, 0), 512: (0, 0), 2000: (-1488, -1488)}[side]
    assert np.hypot(*np.subtract(np.add(face.right_eye, corner), RIGHT_EYE)) < 6


def test_a_cup_of_coffee_is_not_a_face(maker, photos):
    with pytest.raises(NoFaceError, match=r"600x400.*--any"):
        framed(maker, photos["coffee"].rgb)
    found = framed(maker, photos["coffee"].rgb, anyway=True)
    assert (found.chosen, found.frame) == (None, Frame((300, 200), 400))


def test_of_two_one_is_chosen(maker, astronaut):
    two = np.hstack([astronaut.rgb, astronaut.rgb])
    with pytest.raises(SeveralFacesError, match=r"2 faces.*--face") as caught:
        framed(maker, two)
    (left, top, width, height), (other, *_) = caught.value.faces
    assert left < RIGHT_EYE[0] < left + width
    assert top < RIGHT_EYE[1] < top + height
    assert abs(other - left - 512) < 5
    for number, where in ((1, 0), (2, 512)):
        found = framed(maker, two, number=number)
        assert found.chosen is found.faces[number - 1]
        assert abs(found.frame.middle[0] - where - 224) < 10
    with pytest.raises(UsageError, match=r"2 faces, and number 3"):
        framed(maker, two, number=3)
    assert framed(maker, two, anyway=True).chosen is not None


def test_they_are_numbered_from_the_left():
    left, middle, right = (face_at((x, 50), 60) for x in (50, 150, 250))
    rgb = np.random.default_rng(0).integers(0, 256, (100, 300, 3), np.uint8)
    for number, face in enumerate((left, middle, right), 1):
        assert choose([middle, right, left], rgb, number) is face


def test_somebody_small_behind_her_is_no_rival(maker, astronaut):
    rgb = astronaut.rgb.copy()
    rgb[300:470, 340:510] = resize(astronaut.rgb, 170, 170)
    assert len(framed(maker, rgb).faces) == 1


def test_a_tiny_face_is_told(maker, astronaut):
    small = resize(astronaut.rgb, 160, 160)
    with pytest.raises(FaceTooSmallError, match=r"3\d pixels wide; 40"):
        framed(maker, small)
    assert framed(maker, small, anyway=True).chosen is not None


def test_a_blurred_face_is_told_whatever_its_size(maker, astronaut):
    """Blurred by 4 % of its side, or enlarged from few pixels."""
    blurred = np.asarray(Image.fromarray(astronaut.rgb).filter(ImageFilter.GaussianBlur(4)))
    for rgb in (blurred, resize(blurred, 1024, 1024), resize(resize(blurred, 110, 110), 512, 512)):
        with pytest.raises(FaceBlurredError, match=r"sharpness is 0\.[01]"):
            framed(maker, rgb)
    assert framed(maker, blurred, anyway=True).chosen is not None


def test_sharpness_is_of_the_face_and_not_of_the_picture_s_size(maker, astronaut):
    for side in (400, 512, 1024):
        rgb = resize(astronaut.rgb, side, side)
        (face,) = framed(maker, rgb).faces
        assert sharpness(rgb, face) == pytest.approx(0.63, abs=0.05)


def test_cancelled_before_it_looks(maker, astronaut):
    cancel = Cancel()
    cancel.set()
    with pytest.raises(CancelledError):
        maker.frame(astronaut, Wish(), cancel)


def test_anchors_are_those_of_the_network():
    """Middles of the cells of MediaPipe's grids: 16x16 with two boxes each, 8x8 with six."""
    found = anchors()
    assert found.shape == (896, 2)
    assert found[:4].tolist() == [[1 / 32, 1 / 32]] * 2 + [[3 / 32, 1 / 32]] * 2
    assert found[512:518].tolist() == [[1 / 16, 1 / 16]] * 6
    assert found[-1].tolist() == [15 / 16, 15 / 16]


def test_boxes_that_overlap_are_blended():
    boxes = np.zeros((3, 16), np.float32)
    boxes[:, :4] = [[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]]
    (first, sure), (second, _) = suppress(boxes, np.array([0.9, 0.6, 0.8], np.float32))
    assert first[:4].tolist() == pytest.approx([0.4, 0, 10.4, 10])
    assert (sure, second[0]) == (pytest.approx(0.9), 50)


def test_where_there_is_room_the_head_is_45_percent():
    frame = frame_face(face_at((500, 500), 100, 480), 1000, 1000)
    assert 1.4 * 100 / frame.side == pytest.approx(0.45)
    assert (480 - (frame.middle[1] - frame.side / 2)) / frame.side == pytest.approx(0.42)


def test_a_frame_gets_smaller_before_it_leaves_the_photo():
    frame = frame_face(face_at((150, 130), 100, 120), 300, 400)
    assert frame.middle[0] - frame.side / 2 >= -1e-6
    assert frame.middle[1] - frame.side / 2 >= -1e-6
    assert 0.45 < 140 / frame.side < 0.65
    tight = frame_face(face_at((50, 50), 100), 100, 100)  # a photo of a face alone
    assert 140 / tight.side == pytest.approx(0.65)


def test_a_frame_moves_before_it_gets_smaller():
    """Eyes at 120 of a frame of 311 whose place for them is 131."""
    frame = frame_face(face_at((500, 140), 100, 120), 1000, 1000)
    assert 140 / frame.side == pytest.approx(0.45)
    assert frame.middle[1] - frame.side / 2 == pytest.approx(0)


def test_past_the_edges_the_photo_goes_on_without_a_seam():
    rgb = np.zeros((40, 40, 3), np.uint8)
    rgb[..., 0] = 200
    rgb[20:, :, 1] = 100
    cut_out = cut(Picture(rgb, np.full((40, 40), 7, np.uint8)), Frame((20, 20), 80), 80)
    assert (cut_out.rgb[..., 0] == 200).all()
    assert (cut_out.alpha == 7).all()
    assert (cut_out.rgb[20:60, 20:60] == rgb).all()
    assert (cut_out.rgb[:30, :, 1] < 10).all()
    assert (cut_out.rgb[50:, :, 1] > 90).all()


@pytest.mark.parametrize(
    "frame", [Frame((-5, -5), 1), Frame((1e5, 20), 3), Frame((20, 20), 1e4, 44)]
)
def test_no_frame_is_too_odd_to_be_cut(frame):
    picture = Picture(np.full((40, 40, 3), 9, np.uint8))
    assert (cut(picture, frame, 64).rgb == 9).all()


def test_level_eyes_are_level(maker, astronaut):
    turned = np.asarray(Image.fromarray(astronaut.rgb).rotate(-20, Image.Resampling.BICUBIC))
    found = framed(maker, turned, level_eyes=True)
    assert found.frame.roll == pytest.approx(20 + 3, abs=5)
    level = cut(Picture(turned), found.frame, 256).rgb
    (face,) = framed(maker, level).faces
    assert abs(face.roll) < 4
    assert abs(face.between_eyes[0] - 128) < 0.07 * 256


def test_the_person_stays_and_the_rest_is_transparent(maker, astronaut):
    frame = framed(maker, astronaut.rgb).frame
    drawn = maker.cut(astronaut, frame, 256, parse_background("transparent"))
    face, corners = drawn.alpha[85:135, 95:140], (drawn.alpha[:40, :40], drawn.alpha[:40, -40:])
    assert face.min() == 255
    assert max(corner.max() for corner in corners) == 0
    assert drawn.rgb[drawn.alpha == 0].max() == 0
    filled = maker.cut(astronaut, frame, 256, parse_background("#ff8800"))
    assert filled.alpha is None
    assert (filled.rgb[:40, :40] == (255, 136, 0)).all()
    assert (filled.rgb[85:135, 95:140] == drawn.rgb[85:135, 95:140]).all()


def test_reducing_keeps_what_is_transparent_out_of_the_edge():
    rgb, alpha = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), np.uint8)
    rgb[:, :33], rgb[:, 33:], alpha[:, :33] = (200, 0, 0), (0, 255, 0), 255
    small = sized(Picture(rgb, alpha), 16)
    assert 0 < small.alpha[8, 8] < 255
    assert small.rgb[8, 8].tolist() == pytest.approx([200, 0, 0], abs=2)


def test_the_variants_of_a_sheet():
    assert [v.strength for v in variants(["a"], 0.8)] == pytest.approx([0.8, 0.6, 0.4, 0.2])
    two = [(v.style, v.strength) for v in variants(["a", "b"])]
    assert two == [("a", 1), ("b", 1), ("a", 0.5), ("b", 0.5)]
    assert [v.style for v in variants(["a", "b", "c"])] == ["a", "b", "c", "a"]
    assert [v.style for v in variants(list("abcd"))] == list("abcd")


def test_each_cell_of_a_sheet_has_its_picture():
    pictures = [Picture(np.full((32, 32, 3), 50 * i, np.uint8)) for i in range(4)]
    whole = sheet(pictures)
    assert whole.rgb.shape == (64, 64, 3)
    assert whole.alpha is None
    assert cells(4, 32) == [(0, 0), (32, 0), (0, 32), (32, 32)]
    for i, (left, top) in enumerate(cells(4, 32)):
        assert (whole.rgb[top : top + 32, left : left + 32] == 50 * i).all()
    clear = sheet([*pictures[:3], replace(pictures[3], alpha=np.zeros((32, 32), np.uint8))])
    assert clear.alpha[:32].min() == 255
    assert clear.alpha[32:, 32:].max() == 0


def test_the_networks_are_the_ones_that_third_party_names():
    named = THIRD_PARTY.read_text()
    for name in ("face.onnx", "person.onnx"):
        digest = hashlib.sha256((DATA / name).read_bytes()).hexdigest()
        assert re.search(rf"{name}.*{digest}", named), name


@pytest.fixture
def nijigan(toy_style, tmp_path, monkeypatch, capsys, astronaut):
    """Call the command in a folder with `photo.png`; gives exit code, stdout, stderr."""
    monkeypatch.setenv("NIJIGAN_STYLES", str(toy_style))
    monkeypatch.chdir(tmp_path)
    Image.fromarray(astronaut.rgb).save("photo.png")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["avatar", *arguments, "--style", "toy"])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_every_size_is_written(nijigan):
    code, out, err = nijigan("photo.png", "-o", "out", "--size", "64", "--size", "1024")
    assert (code, out.split(), err) == (0, ["out/photo-64.png", "out/photo-1024.png"], "")
    for size in (64, 1024):
        assert read_picture(Path(f"out/photo-{size}.png")).rgb.shape == (size, size, 3)


def test_a_sheet_and_where_its_avatars_are(nijigan):
    code, out, _ = nijigan(
        *("photo.png", "-o", "sheet.png", "--sheet", "--size", "128"),
        *("--background", "transparent", "--json"),
    )
    assert code == 0
    told = json.loads(out)
    (output,) = told["outputs"]
    whole = read_picture(Path(output["output"]))
    assert whole.rgb.shape == (256, 256, 3)
    assert whole.alpha is not None
    assert [a["strength"] for a in output["avatars"]] == [1, 0.75, 0.5, 0.25]
    cut_out = [
        whole.rgb[a["top"] : a["top"] + a["side"], a["left"] : a["left"] + a["side"]].astype(int)
        for a in output["avatars"]
    ]
    away = [np.abs(each - cut_out[3]).mean() for each in cut_out]
    assert away[0] > away[1] > away[2] > away[3] == 0
    assert told["face"]["number"] == told["faces"] == 1


def test_a_photo_that_lies_on_its_side_is_framed_upright(nijigan, astronaut):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be turned clockwise
    lying = Image.fromarray(astronaut.rgb).rotate(90)
    lying.save("lying.jpg", exif=exif, quality=97)
    frames = []
    for name in ("photo.png", "lying.jpg"):
        code, out, _ = nijigan(name, "-o", "out", "--json", "--size", "64")
        assert code == 0
        frames.append(list(json.loads(out)["frame"].values()))
    assert frames[1] == pytest.approx(frames[0], abs=4)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["coffee.png", "-o", "a.png"], 3, "No face was found"),
        (["photo.png", "-o", "a.png", "--face", "2"], 2, "1 face, and number 2"),
        (["photo.png", "-o", "a.jpg"], 2, "'.jpg'"),
        (["photo.png", "-o", "photo.png"], 2, "overwrite"),
        (["photo.png", "-o", "a.png", "--size", "15"], 2, "15 pixels"),
        (["photo.png", "-o", "a.png", "--size", "1025"], 2, "1025 pixels"),
        (["photo.png", "-o", "a.png", "--size", "64", "--size", "128"], 2, "2 sizes"),
        (["photo.png", "-o", "a.png", "--background", "nocolor"], 2, "'nocolor'"),
        (["photo.png", "-o", "a.png", "--strength", "2"], 2, "strength is 2"),
        (["photo.png", "-o", "a.png", "--style", "other"], 2, "2 styles"),
        (["missing.png", "-o", "a.png"], 3, "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(nijigan, photos, arguments, code, text):
    Image.fromarray(photos["coffee"].rgb).save("coffee.png")
    ended, out, err = nijigan(*arguments)
    assert (ended, out) == (code, "")
    assert text in err
    assert not Path("a.png").exists()


def test_any_takes_the_middle(nijigan, photos):
    Image.fromarray(photos["coffee"].rgb).save("coffee.png")
    assert nijigan("coffee.png", "-o", "a.png", "--any")[0] == 0
    assert read_picture(Path("a.png")).rgb.shape == (512, 512, 3)


def test_a_sidecar_draws_the_same(nijigan, toy_style):
    here = ("photo.png", "--background", "transparent", "--quality", "draft", "-o")
    assert nijigan(*here, "here.png")[0] == 0
    with running_sidecar([toy_style]) as sidecar:
        for server, out in (
            (["--server"], "found.png"),
            (["--address", sidecar.address], "named.png"),
        ):
            assert nijigan(*here, out, *server) == (0, f"{out}\n", "")
            assert Path(out).read_bytes() == Path("here.png").read_bytes()
    code, _, err = nijigan(*here, "none.png", "--server")
    assert code == 3
    assert "nijigan serve" in err
    assert not Path("none.png").exists()


def test_a_sidecar_is_asked_for_the_quality_and_the_sheet(nijigan):
    fake = FakeStylizer()
    with running_sidecar(stylizer=fake):
        code, *_ = nijigan("photo.png", "--sheet", "--quality", "fine", "-o", "a.png", "--server")
    assert code == 0
    assert [(each.quality, each.strength) for each in fake.settings] == [
        ("fine", part) for part in (1, 0.75, 0.5, 0.25)
    ]


def test_qualities_differ(nijigan):
    for quality in ("draft", "fine"):
        assert nijigan("photo.png", "--quality", quality, "-o", f"{quality}.png")[0] == 0
    draft, fine = (read_picture(Path(f"{quality}.png")).rgb for quality in ("draft", "fine"))
    assert not np.array_equal(draft, fine)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--server", "--engine", "openvino"], 2, "--engine openvino has no effect on a sidecar."),
        (["--server", "--threads", "2"], 2, "--threads 2 has no effect on a sidecar."),
        (["--server", "--client-key", "k.pem"], 2, "A certificate needs its key."),
        (["--engine", "none"], 2, "none"),
        (["--quality", "best"], 2, "best"),
        (["--address", "nowhere"], 2, "'nowhere' is no address"),
    ],
)
def test_what_cannot_draw(nijigan, arguments, code, text):
    ended, _, err = nijigan("photo.png", "-o", "a.png", *arguments)
    assert (ended, text in err) == (code, True), err
    assert not Path("a.png").exists()
