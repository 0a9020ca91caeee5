"""Engines of networks of the published size, where TensorRT-RTX or TensorRT is installed."""

import numpy as np
import pytest

from nijigan.core.models import create_generator
from nijigan.core.ode import RK4
from nijigan.export.onnx import onnx_from_torch, write_graphs
from nijigan.export.tensorrt.build import build_engine
from nijigan.export.tensorrt.profile import Profile, Shape


@pytest.mark.parametrize("name", ["nijigan", "cyclegan_resnet9"])
@pytest.mark.parametrize(("precision", "bits"), [("fp32", 32), ("fp16", 16), ("int8", 8)])
def test_networks_of_the_published_size(library, tmp_path, name, precision, bits):
    generator = create_generator(name).eval()
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, 64, 64)).astype(np.float32)
    graph = onnx_from_torch(generator, RK4(1), precision, [image])
    write_graphs({"normal": graph}, tmp_path)
    built = build_engine(tmp_path / "normal.onnx", Profile(most=Shape(1, 1024, 1024)), library)
    assert len(built.engine) > bits / 8 * 5_000_000
