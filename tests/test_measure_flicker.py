"""The parts of `scripts/measure_flicker.py` that need neither Blender nor a style."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nijigan.core.errors import DataError, ImageError
from nijigan.core.metrics.flicker import flicker
from nijigan.export.style import load_style
from nijigan.export.styles import style_of

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import measure_flicker
from known_motion import View, motion_between, pan, read_frames, write_frames

WIDTH, HEIGHT, FOCAL = 60, 40, 50.0


def photo(width=140, height=100):
    coarse = np.random.default_rng(0).integers(0, 256, (height // 5, width // 5, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def camera(x=0.0, z=0.0):
    matrix = np.eye(4)
    matrix[0, 3], matrix[2, 3] = x, z
    return matrix


def wall(depth=5.0):
    return np.full((HEIGHT, WIDTH), depth, np.float32)


def test_frames_of_a_pan_move_as_it_says():
    animation = pan(photo(), (40, 30), count=5, finer=2)
    motion, visible = animation.between(0, 4)
    assert motion[0, 0].tolist() == [-3, -1]
    pair = animation.frames[0], animation.frames[4]
    assert flicker(pair, pair, motion, visible).drawn < 0.01
    assert flicker(pair, pair, -motion, visible).drawn > 5
    next_to_it = animation.frames[0], animation.frames[1]
    found = flicker(next_to_it, next_to_it, *animation.between(0, 1))
    assert found.drawn < 0.5 * found.unmoved


def test_a_photo_that_is_too_small_for_the_pan_is_refused():
    with pytest.raises(ImageError, match="86x62"):
        pan(photo(80, 60), (40, 30), count=5, finer=2)


def test_what_a_camera_sees_of_a_wall_moves_against_it():
    aside, nearer = View(wall(), camera(x=0.2), FOCAL), View(wall(4), camera(z=-1), FOCAL)
    still = View(wall(), camera(), FOCAL)
    motion, visible = motion_between(still, aside)
    assert np.allclose(motion, [-0.2 * FOCAL / 5, 0], atol=1e-4)
    assert visible[:, :-2].all()

    motion, _ = motion_between(still, nearer)
    y, x = np.indices((HEIGHT, WIDTH)) - np.array([HEIGHT - 1, WIDTH - 1])[:, None, None] / 2
    assert np.allclose(motion, np.stack([x, y], axis=-1) * (1 - 4 / 5), atol=1e-4)


def test_neither_the_sky_nor_what_was_hidden_nor_edges_are_visible():
    def seen(x):
        """A post 2 before the camera that stands at x, a wall 5 before it, sky above."""
        depth = wall()
        left = round(WIDTH / 2 - x * FOCAL / 2)
        depth[:, left : left + 10] = 2
        depth[:10] = 0
        return View(depth, camera(x=x), FOCAL)

    _, visible = motion_between(seen(0), seen(0.4))
    row = visible[20]
    assert not visible[:11].any()
    assert visible[11:39, 5:18].all()
    assert row[21:29].all()  # the post, from 20 to 30
    assert not row[19:21].any()  # its edges
    assert not row[29:31].any()
    # It was from 30 to 40, and the wall's pixels have moved by 4: these were behind it.
    assert not row[31:36].any()
    assert row[38:].all()


def test_what_is_drawn_is_kept_until_the_drawer_or_the_frames_are_others(tmp_path):
    frames = [photo(), photo()[::-1]]
    times = []

    def draw():
        times.append(1)
        return [255 - frame for frame in frames]

    for identity, expected in (("a", 1), ("a", 1), ("b", 2)):
        drawn = measure_flicker.kept(tmp_path, identity, frames, draw)
        assert len(times) == expected
        assert np.array_equal(np.stack(drawn), 255 - np.stack(frames))
    measure_flicker.kept(tmp_path, "b", frames[::-1], draw)
    assert len(times) == 3


def test_a_style_with_halftone_dots_is_drawn_without_them_too(tmp_path):
    assert measure_flicker.versions("cel", tmp_path) == {"": "cel"}
    dotted = tmp_path / "dotted"
    shutil.copytree(style_of("cel").folder, dotted)
    table = json.loads((dotted / "style.json").read_bytes())
    table["halftone"] = {"cell_px": 6, "angle_degrees": 45, "line_px": 4}
    (dotted / "style.json").write_text(json.dumps(table))
    found = measure_flicker.versions(str(dotted), tmp_path)
    assert [load_style(Path(source)).halftone is None for source in found.values()] == [False, True]


def test_others_have_to_draw_all_frames_at_their_size(tmp_path):
    frames = [photo(), photo()]
    write_frames(tmp_path, frames)
    assert np.array_equal(np.stack(measure_flicker.by_others(tmp_path, frames)), np.stack(frames))
    with pytest.raises(DataError, match=r"2 pictures .* of 140x100"):
        measure_flicker.by_others(tmp_path, [*frames, photo()])
    with pytest.raises(DataError, match="0 pictures"):
        measure_flicker.by_others(tmp_path / "nowhere", frames)


def test_the_page_has_what_was_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(measure_flicker, "SIZE", (40, 30))
    monkeypatch.setattr(measure_flicker, "CLIP", (20, 16))
    animation = pan(photo(), (40, 30), count=18, finer=2)

    def measured(title, flickering, **settings):
        drawn = [frame // 2 + (k % 2) * flickering for k, frame in enumerate(animation.frames)]
        return measure_flicker.measure(title, animation, drawn, **settings)

    steady, flickers = measured("style `x`", 0, teacher="teacher"), measured("teacher", 40)
    assert len(steady.levels) == 17
    assert steady.apart == pytest.approx([0, 0, 0], abs=0.01)
    assert np.mean(steady.still) == pytest.approx(np.mean(steady.levels), rel=0.3)
    assert min(flickers.levels) > 35
    rows = {"pan": [steady, flickers, measured("other", 80, is_other=True)]}
    clip = tmp_path / "clip.webp"
    measure_flicker.write_clip(clip, [animation.frames, animation.frames])
    with Image.open(clip) as image:
        assert (image.size, image.n_frames) == ((40, 16), 18)
    rows["turntable"] = rows["pan"]
    clips = {"pan": [clip], "turntable": []}
    text = measure_flicker.page(rows, "x.jpg", clips, tmp_path / "x.md")
    assert f"| teacher | {measure_flicker.spread(flickers.levels)} |" in text
    over = [np.mean(steady.levels) / np.mean(row.levels) for row in rows["pan"][1:]]
    assert f"| style `x` | {over[0]:.2f} | {over[0]:.2f} | {over[1]:.2f} | {over[1]:.2f} |" in text
    assert "(clip.webp)" in text
    assert "dots" not in text
    dotless = replace(steady, title=steady.title + measure_flicker.DOTLESS)
    rows = {name: [*measured, dotless] for name, measured in rows.items()}
    text = measure_flicker.page(rows, "x.jpg", clips, tmp_path / "x.md")
    assert f"| {dotless.title} | {over[0]:.2f} |" in text
    assert "Halftone dots" in text


def test_frames_are_read_in_order(tmp_path):
    frames = [np.full((16, 16, 3), k, np.uint8) for k in range(12)]
    write_frames(tmp_path / "new", frames)
    assert [int(frame[0, 0, 0]) for frame in read_frames(tmp_path / "new")] == list(range(12))
