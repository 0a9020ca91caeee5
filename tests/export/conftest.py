import numpy as np
import pytest
import torch
from torch import nn

from nijigan.core.checkpoint import CheckpointInfo, save_network
from nijigan.core.errors import MissingExtraError
from nijigan.core.images import Picture, write_picture
from nijigan.core.models import create_generator
from nijigan.export.tensorrt.library import load_library

TINY = {
    "ngf": 4,
    "bottleneck": 8,
    "n_blocks": 2,
    "norm": "batch",
    "stem": "unshuffle",
    "dilations": [1, 2],
}


@pytest.fixture(scope="session")
def tiny_generator():
    """A generator whose BatchNorms and ODEs do something, as after training."""
    torch.manual_seed(0)
    generator = create_generator("nijigan", **TINY)
    for layer in generator.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.0)
            nn.init.normal_(layer.bias, std=0.1)
            layer.running_mean.normal_(std=0.1)
            layer.running_var.uniform_(0.5, 2.0)
    return generator.eval()


@pytest.fixture(scope="session")
def checkpoint(tiny_generator, tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoint") / "generator.safetensors"
    recipe = {"method": {"name": "pix2pix"}, "strength": {"zero": 0.2, "one": 0.5}}
    info = CheckpointInfo("nijigan", tiny_generator.config, step=7, data="abc", recipe=recipe)
    save_network(tiny_generator, info, path)
    return path


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """Three pictures with smooth areas and edges."""
    folder = tmp_path_factory.mktemp("photos")
    y, x = np.mgrid[:60, :80]
    for i in range(3):
        wave = 127 + 120 * np.sin((x + 3 * i * y) / (7 + i))
        rgb = np.stack([wave, 255 - wave, (x > 40) * 200], axis=2).astype(np.uint8)
        write_picture(folder / f"{i}.png", Picture(rgb))
    return folder


@pytest.fixture(scope="session")
def library():
    """TensorRT or TensorRT-RTX, which build engines; skipped, with the reason, where none is."""
    try:
        return load_library()
    except MissingExtraError as error:
        pytest.skip(f"no engine is built: {error}")
