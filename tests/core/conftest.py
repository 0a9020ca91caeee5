"""Pairs that are small enough to train on in a test."""

import json

import numpy as np
import pytest
import torch
from PIL import Image


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors cost more to hand to a second thread than to compute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def pairs_folder(tmp_path):
    """Four pairs to train on and one held out, 48×40; a drawing is its photo, inverted."""
    folder = tmp_path / "pairs"
    rng = np.random.default_rng(0)
    names = [f"p{i}" for i in range(5)]
    for kind in ("photo", "drawn"):
        (folder / kind).mkdir(parents=True)
    for name in names:
        blocks = rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)
        photo = np.asarray(Image.fromarray(blocks).resize((48, 40), Image.Resampling.BICUBIC))
        Image.fromarray(photo).save(folder / "photo" / f"{name}.png")
        Image.fromarray(255 - photo).save(folder / "drawn" / f"{name}.png")
    split = {"train": names[:4], "val": names[4:]}
    (folder / "split.json").write_text(json.dumps(split))
    return folder
