"""The smallest of `make learn`: pix2pix comes to half of the error of doing nothing, and nearer."""

import sys
from pathlib import Path

import numpy as np
import pytest

from nijigan.core.checkpoint import load_generator
from nijigan.core.config import load_recipe, with_folder
from nijigan.core.drawers import open_drawer
from nijigan.core.training.loop import train

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import draw_scenes
import learn


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    out = tmp_path_factory.mktemp("scenes")
    draw_scenes.draw_set(out, count=60, held_out=8, seed=1)
    return out


def test_scenes_are_of_the_seed_alone_and_no_held_out_one_is_trained_on(scenes, tmp_path):
    draw_scenes.draw_set(tmp_path, count=2, held_out=2, seed=1)
    again, first = (
        (root / "pairs" / "drawn" / "scene0001.png").read_bytes() for root in (tmp_path, scenes)
    )
    assert again == first
    photos, drawings = (
        {path.name for path in (scenes / "unpaired" / kind).iterdir()}
        for kind in ("photo", "drawn")
    )
    assert len(photos & drawings) == 8
    assert not (photos - drawings) & {path.name for path in (scenes / "pairs/photo").iterdir()}


def test_a_curve_of_colors_does_not_draw_a_scene(scenes):
    train_pairs, held_out = learn.pairs_of(scenes / "pairs")
    nothing = float(
        np.mean([np.square(p.photo / 127.5 - p.drawn / 127.5).mean() for p in held_out])
    )
    assert 0.8 * nothing < learn.curve_error(train_pairs, held_out) < nothing


def test_pix2pix_learns_to_draw_scenes(scenes, tmp_path):
    overrides = ("train.steps=400", "train.sample_every=400", "train.threads=1")
    recipe = with_folder(load_recipe("pix2pix_tiny", overrides), str(scenes / "pairs"))
    train(recipe, tmp_path, "never", lambda line: None)
    assert load_generator(tmp_path)[1].step == 400
    drawer = open_drawer(tmp_path)
    train_pairs, held_out = learn.pairs_of(scenes / "pairs")

    def error_of(drawn):
        errors = [
            np.square((drawn(pair.photo).astype(float) - pair.drawn) / 127.5).mean()
            for pair in held_out
        ]
        return float(np.exp(np.mean(np.log(errors))))

    nothing = error_of(lambda photo: photo)
    baseline = min(nothing, learn.curve_error(train_pairs, held_out))
    assert error_of(drawer.draw) < 0.5 * baseline
    # At strength 0 it is the photo, and halfway it is on the way.
    photos = [pair.photo for pair in held_out]
    back = [
        [np.abs(drawer.draw(p, s).astype(float) - p).mean() for p in photos] for s in (0, 0.5, 1)
    ]
    zero, half, one = np.mean(back, axis=1)
    assert zero < 0.6 * one
    assert zero < half < one
