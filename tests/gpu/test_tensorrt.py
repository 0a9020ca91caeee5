"""Engines that run: the same pictures as ONNX Runtime, shape after shape, and other weights."""

import numpy as np
import pytest
import torch

from nijigan.core.ode import RK4
from nijigan.export.onnx import onnx_from_torch, write_graphs
from nijigan.export.reopen import generator_of
from nijigan.export.styles import style_of
from nijigan.export.tensorrt.build import build_engine, log_of
from nijigan.export.tensorrt.library import load_library
from nijigan.export.tensorrt.profile import Profile, Shape
from nijigan.export.tensorrt.refit import refit
from nijigan.server.cancel import Cancel
from nijigan.server.engines import open_engine
from nijigan.server.engines.tensorrt import TensorRtEngine

SHAPES = [(1, 3, 256, 256), (1, 3, 512, 512), (1, 3, 256, 256), (1, 3, 720, 1280), (1, 3, 64, 640)]
# Fused float32 kernels add up in another order; fewer bits are those of the graph.
LEAST_DB = {"fp32": 60.0, "fp16": 45.0, "bf16": 35.0, "int8": 30.0}


def picture(shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def psnr(a, b):
    return 10 * np.log10(4 / max(np.square(a - b).mean(dtype=np.float64), 1e-20))


@pytest.fixture(scope="module")
def style():
    return style_of("cel")


@pytest.mark.parametrize("precision", LEAST_DB)
def test_it_draws_what_onnx_runtime_draws(style, precision, tmp_path):
    graph = onnx_from_torch(generator_of(style), RK4(1), precision, [picture((1, 3, 256, 256))])
    write_graphs({"normal": graph}, tmp_path)
    engine = TensorRtEngine(tmp_path / "normal.onnx", folder=tmp_path)
    reference = open_engine(style, "fine")
    for seed, shape in enumerate(SHAPES):
        image = picture(shape, seed)
        drawn = engine.run(image, 0.8, Cancel())
        assert psnr(drawn, reference.run(image, 0.8, Cancel())) > LEAST_DB[precision]


def test_a_style_of_the_whole_picture_takes_and_gives_statistics(tmp_path):
    torch.manual_seed(0)
    from nijigan.core.models import create_generator

    generator = create_generator("cut_resnet4", ngf=8).eval()
    write_graphs({"normal": onnx_from_torch(generator, RK4(1))}, tmp_path)
    engine = TensorRtEngine(tmp_path / "normal.onnx", folder=tmp_path)
    image = picture((1, 3, 128, 128))
    own = engine.run(image, 1.0, Cancel())
    measured = engine.measure(image, 1.0, Cancel())
    assert psnr(engine.run(image, 1.0, Cancel(), measured), own) > 60
    assert psnr(engine.run(image, 1.0, Cancel(), 2 * measured), own) < 40


def test_the_device_tells_where_time_goes(style, tmp_path):
    engine = TensorRtEngine(style.graph("normal"), folder=tmp_path)
    times = engine.device_times(picture((1, 3, 512, 512)), 1.0)
    assert times.compute_ms > 0
    assert times.upload_ms > 0
    assert times.download_ms > 0


def test_a_picture_past_the_profile_gets_an_engine_that_takes_it(style, tmp_path):
    profile = Profile(usual=Shape(1, 128, 128), most=Shape(1, 256, 256))
    engine = TensorRtEngine(style.graph("normal"), profile, tmp_path)
    for side in (128, 512, 128):
        image = picture((1, 3, side, side))
        assert engine.run(image, 1.0, Cancel()).shape == image.shape
    assert len(list(tmp_path.glob("*.engine"))) == 2


def test_a_damaged_engine_is_built_anew(style, tmp_path):
    TensorRtEngine(style.graph("draft"), folder=tmp_path)
    (kept,) = tmp_path.glob("*.engine")
    kept.write_bytes(b"damaged")
    engine = TensorRtEngine(style.graph("draft"), folder=tmp_path)
    assert engine.run(picture((1, 3, 64, 64)), 1.0, Cancel()).shape == (1, 3, 64, 64)


def test_an_engine_takes_the_weights_of_a_later_checkpoint(style, tmp_path):
    library, generator = load_library(), generator_of(style)
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
        write_graphs({"normal": onnx_from_torch(generator, RK4(1))}, tmp_path / name)
        with torch.no_grad():
            for parameter in generator.parameters():
                parameter.mul_(0.9)
    graphs = [tmp_path / name / "normal.onnx" for name in ("before", "after")]
    built = build_engine(graphs[0], Profile(), library, refittable=True)
    log = log_of(library.classes)
    engine = library.classes.Runtime(log).deserialize_cuda_engine(built.engine)
    refit(engine, graphs[1], library)
    assert log.lines == []
