from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nijigan.core import teachers
from nijigan.core.errors import UsageError
from nijigan.core.teachers.color import oklab_from_srgb, srgb_from_oklab
from nijigan.core.teachers.flow import edge_flow, smooth_along
from nijigan.core.teachers.ink_pen import InkPen
from nijigan.core.teachers.l0_smoothing import l0_smooth
from nijigan.core.teachers.quantize import soft_quantize


def noise(height, width, seed=0):
    return np.random.default_rng(seed).random((height, width, 3), np.float32)


def step_edge(height=48, width=64, low=0.3, high=0.7):
    """Dark on the left, bright from column width/2 on."""
    picture = np.full((height, width, 3), low, np.float32)
    picture[:, width // 2 :] = high
    return picture


def test_oklab_of_white_is_one_and_grey_has_no_chroma():
    lab = oklab_from_srgb(np.array([[[1, 1, 1], [0.5, 0.5, 0.5]]], np.float32))
    assert lab[0, 0, 0] == pytest.approx(1, abs=1e-3)
    assert np.abs(lab[..., 1:]).max() < 1e-3


def test_oklab_round_trip():
    picture = noise(20, 30)
    assert np.abs(srgb_from_oklab(oklab_from_srgb(picture)) - picture).max() < 1e-4


def test_l0_removes_noise_and_keeps_the_step():
    noisy = step_edge() + 0.02 * (noise(48, 64) - 0.5)
    smooth = l0_smooth(noisy, smoothness=0.01)
    assert np.ptp(smooth[:, :30], axis=(0, 1)).max() < 0.005
    assert (smooth[:, 34] - smooth[:, 29]).min() > 0.35


def test_l0_does_not_tie_opposite_borders():
    # with the paper's periodic solve the dark left border would pull at the bright right one
    smooth = l0_smooth(step_edge(low=0.0, high=1.0), smoothness=0.01)
    assert smooth[:, 0].max() < 0.01
    assert smooth[:, -1].min() > 0.99


def test_flow_runs_along_an_edge():
    flow = edge_flow(step_edge(), sigma=2.0)
    assert np.abs(flow.y[:, 30:34]).min() > 0.99


def test_smoothing_along_the_flow_blurs_along_and_not_across():
    picture = step_edge() + 0.2 * (noise(48, 64) - 0.5)
    flow = edge_flow(step_edge(), sigma=2.0)
    smooth = smooth_along(picture, flow, sigma=4.0)
    along = np.diff(smooth[8:-8, 30], axis=0).std() / np.diff(picture[8:-8, 30], axis=0).std()
    assert along < 0.3
    assert (smooth[8:-8, 32] - smooth[8:-8, 31]).min() > 0.2


@given(
    levels=st.integers(2, 16),
    sharpness=st.floats(0.5, 10),
    values=st.lists(st.floats(0, 1), min_size=2, max_size=20),
)
def test_soft_quantization_keeps_order_and_range(levels, sharpness, values):
    lightness = np.sort(np.array(values, np.float32))
    tones = soft_quantize(lightness, levels, sharpness)
    assert (np.diff(tones) >= -1e-6).all()
    assert np.abs(tones - lightness).max() <= 0.5 / levels + 1e-6


def test_soft_quantization_pulls_to_the_tones():
    tones = np.linspace(0, 1, 9, dtype=np.float32)
    near = np.clip(tones + 0.02, 0, 1)
    assert np.abs(soft_quantize(tones, 8, 6.0) - tones).max() < 1e-6
    assert np.abs(soft_quantize(near, 8, 6.0) - tones).max() < 0.01


def test_ink_lies_on_the_dark_side_of_an_edge_and_nowhere_else():
    picture = step_edge()
    ink = InkPen().draw(picture[..., 0], edge_flow(picture, sigma=2.0))
    row = ink[24]
    assert row[31] > 0.9
    assert row[:26].max() == 0
    assert row[33:].max() == 0


def test_things_that_are_equally_light_get_one_outline():
    lab = np.full((48, 64, 3), (0.8, 0, 0), np.float32)
    lab[:, :32, 1] = -0.1  # green, beside red
    lab[:, 32:, 1] = 0.1
    drawn = teachers.create("ink")(srgb_from_oklab(lab))[24, :, 0]
    assert drawn[30:32].min() < 0.1
    assert drawn[33:].min() > 0.95
    lab[:, 32:, 0] = 0.65  # where the red side is darker, it alone has the line
    drawn = teachers.create("ink")(srgb_from_oklab(lab))[24, :, 0]
    assert drawn[32:34].min() < 0.1
    assert drawn[:31].min() > 0.75


def test_ink_bridges_a_gap_in_a_line():
    picture = step_edge()
    picture[23:25] = 0.5  # the edge is gone for two rows
    ink = InkPen().draw(picture[..., 0], edge_flow(picture, sigma=2.0))
    assert ink[8:-8, 30:33].max(axis=1).min() > 0.5


@pytest.mark.parametrize("name", teachers.available())
@pytest.mark.parametrize(
    "photo",
    [np.zeros((16, 16, 3)), np.ones((17, 40, 3)), noise(33, 21), step_edge()],
    ids=["black", "white", "noise", "edge"],
)
def test_drawings_are_finite_and_in_range(name, photo):
    drawn = teachers.create(name)(photo.astype(np.float32))
    assert drawn.shape == photo.shape
    assert drawn.dtype == np.float32
    assert 0 <= drawn.min() <= drawn.max() <= 1


@pytest.mark.parametrize("name", teachers.available())
def test_a_drawing_depends_on_the_neighborhood_alone(name):
    photo = noise(64, 320)
    photo = np.repeat(np.repeat(photo[::8, ::8], 8, axis=0), 8, axis=1)
    changed = photo.copy()
    changed[:, 240:] = 1 - changed[:, 240:]
    teach = teachers.create(name)
    assert np.abs(teach(photo) - teach(changed))[:, :80].max() < 2 / 255


def test_cel_is_flatter_than_its_photo_and_darker_at_edges():
    photo = np.clip(step_edge() + 0.03 * (noise(48, 64) - 0.5), 0, 1)
    drawn = teachers.create("cel")(photo)
    assert drawn[:, 8:24].std(axis=(0, 1)).max() < photo[:, 8:24].std(axis=(0, 1)).max() / 3
    assert drawn[8:-8, 30:32].min() < 0.5 * drawn[8:-8, 16].min()


def test_an_unknown_teacher_names_the_nearest():
    with pytest.raises(UsageError, match="Did you mean 'cel'"):
        teachers.create("cell")


TEACHER = """
import numpy as np
def draw(photo):
    {body}
"""


def file_teacher(folder, body):
    path = folder / "mine.py"
    path.write_text(TEACHER.format(body=body))
    return teachers.create(str(path))


def test_a_file_can_be_a_teacher_and_cannot_change_the_photo(tmp_path):
    teacher = file_teacher(tmp_path, "photo += 0.25; return np.minimum(photo, 1.0005)")
    photo = noise(8, 9)
    before = photo.copy()
    drawn = teacher(photo)
    assert drawn.dtype == np.float32
    np.testing.assert_allclose(drawn, np.minimum(before + np.float32(0.25), 1))
    np.testing.assert_array_equal(photo, before)


def test_a_teacher_of_a_file_is_known_by_what_the_file_says(tmp_path):
    same = [repr(file_teacher(tmp_path, "return photo")) for _ in range(2)]
    assert same[0] == same[1] != repr(file_teacher(tmp_path, "return 1 - photo"))
    assert str(tmp_path) not in same[0]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("return photo[:4]", r"the shape \(4, 9, 3\) of a photo of \(8, 9, 3\)"),
        ("return (photo * 255).astype(np.uint8)", "an array of uint8"),
        ("return photo * 255", "numbers from .* to 25"),
        ("return photo / 0", "numbers that are not finite"),
        ("pass", "a NoneType"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_what_a_teacher_must_not_return(tmp_path, body, fault):
    teacher = file_teacher(tmp_path, body)
    with pytest.raises(UsageError, match=f"returned {fault}"):
        teacher(noise(8, 9))


def test_a_teacher_that_fails_is_named_with_what_it_said(tmp_path):
    with pytest.raises(UsageError, match=r"mine.py' failed: KeyError: 'tones'"):
        file_teacher(tmp_path, "return {}['tones']")(noise(8, 9))
    (tmp_path / "other.py").write_text("def paint(photo): return photo")
    with pytest.raises(UsageError, match=r"other.py' has no function 'draw'"):
        teachers.create(str(tmp_path / "other.py"))
    (tmp_path / "other.py").write_text("def draw(photo) return photo")
    with pytest.raises(UsageError, match=r"other.py' cannot be run: SyntaxError"):
        teachers.create(str(tmp_path / "other.py"))
    with pytest.raises(UsageError, match=r"absent.py' cannot be read: No such file"):
        teachers.create(str(tmp_path / "absent.py"))


def test_the_teacher_of_the_manual_draws(tmp_path):
    manual = (Path(__file__).parents[2] / "docs/own-style.md").read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(manual.split("```python\n")[1].split("```")[0])
    drawn = teachers.create(str(tmp_path / "mine.py"))(noise(20, 30))
    assert drawn.shape == (20, 30, 3)
