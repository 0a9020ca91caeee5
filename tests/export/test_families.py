"""Every family of generators becomes a graph that draws what the generator draws."""

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from nijigan.core.models import Generator, create_generator
from nijigan.core.ode import RK4
from nijigan.export.older_opset import in_older_opset
from nijigan.export.onnx import onnx_from_torch
from nijigan.export.runtime import run_graph
from nijigan.export.unity import keep_own_statistics

FAMILIES = {
    "nijigan": {"ngf": 4, "bottleneck": 8, "n_blocks": 1},
    "cut_resnet9": {"ngf": 4, "n_blocks": 1},
    "cyclegan_resnet9": {"ngf": 4, "n_blocks": 1},
    "unet_128": {"levels": 5, "ngf": 4},
    "ugatit_light": {"ngf": 4, "n_blocks": 1},
    "ugatit_full": {"ngf": 4, "n_blocks": 1, "image_size": 32},
    "animegan2": {"width": 4},
    "cartoongan": {"ngf": 4, "n_blocks": 1},
}
LOCAL = {"unet_128"}


def lively(name: str) -> Generator:
    """A small generator whose parameters and statistics all do something."""
    torch.manual_seed(0)
    generator = create_generator(name, **FAMILIES[name])
    for parameter in generator.parameters():
        nn.init.normal_(parameter, std=0.3)
    for layer in generator.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(std=0.1)
            layer.running_var.uniform_(0.5, 2.0)
    return generator.eval()


def pictures(generator: Generator, rows: int, columns: int) -> torch.Tensor:
    sides = [generator.fixed_size or n * generator.input_multiple for n in (rows, columns)]
    return torch.rand(2, 3, *sides, generator=torch.manual_seed(1)) * 2 - 1


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    generator = lively(request.param)
    model = onnx_from_torch(generator, RK4(1))
    generator.set_solver(RK4(1))
    return request.param, generator, onnxruntime.InferenceSession(model.SerializeToString())


# A multiple of 1 needs more of them to be a picture.
@pytest.mark.parametrize("sides", [(8, 13), (21, 9)])
def test_the_graph_draws_what_the_generator_draws(family, sides):
    _, generator, session = family
    factor = 3 if generator.input_multiple == 1 else 1
    image = pictures(generator, *(factor * n for n in sides))
    for strength in (1.0, 0.4):
        with torch.no_grad():
            expected = generator(image, strength).numpy()
        assert np.abs(run_graph(session, image.numpy(), strength) - expected).max() < 1e-4
        assert np.abs(expected).max() > 0.1


def test_statistics_go_in_and_come_out_where_the_whole_picture_matters(family):
    name, generator, session = family
    assert ("norm_stats" in {i.name for i in session.get_inputs()}) == (name not in LOCAL)
    if name in LOCAL:
        return
    one, other = pictures(generator, 8, 8).numpy(), -pictures(generator, 24, 16).numpy() / 3
    feed = {"image": one, "strength": np.array(1, np.float32)}
    shape = next(i.shape for i in session.get_inputs() if i.name == "norm_stats")
    own = {"norm_stats": np.zeros((2, *shape[1:]), np.float32), "norm_mix": np.array(0, np.float32)}
    drawn, measured = session.run(None, feed | own)
    assert measured.shape == (2, *shape[1:])
    given = {"norm_stats": measured, "norm_mix": np.array(1, np.float32)}
    assert np.array_equal(session.run(["drawn"], feed | given)[0], drawn)
    # Another picture's statistics draw another picture.
    (foreign,) = session.run(["measured_norm_stats"], feed | own | {"image": other})
    (changed,) = session.run(
        ["drawn"], feed | {"norm_stats": foreign, "norm_mix": np.array(1, np.float32)}
    )
    assert np.abs(changed - drawn).max() > 1e-4


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_can_be_written_for_unity(name):
    generator = lively(name)
    model = onnx_from_torch(generator, RK4(1))
    image = pictures(generator, 8, 8)[:1].numpy()
    drawn = run_graph(onnxruntime.InferenceSession(model.SerializeToString()), image, 0.7)
    keep_own_statistics(model)
    older = in_older_opset(model)
    assert [(entry.domain, entry.version) for entry in older.opset_import] == [("", 15)]
    assert {value.name for value in older.graph.input} == {"image", "strength"}
    assert [value.name for value in older.graph.output] == ["drawn"]
    session = onnxruntime.InferenceSession(older.SerializeToString())
    assert np.abs(run_graph(session, image, 0.7) - drawn).max() < 1e-5
