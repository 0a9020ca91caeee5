import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from nijigan.core.models import create_generator
from nijigan.core.ode import Euler, Midpoint
from nijigan.export.onnx import onnx_from_torch, write_graphs
from nijigan.export.operators import engines

SOLVERS = {"draft": Euler(1), "normal": Midpoint(1)}


@pytest.fixture(scope="module")
def models(tiny_generator):
    return {name: onnx_from_torch(tiny_generator, solver) for name, solver in SOLVERS.items()}


@pytest.fixture(scope="module")
def folder(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("graphs")
    copies = {}
    for name, model in models.items():
        copies[name] = onnx.ModelProto()
        copies[name].CopyFrom(model)
    write_graphs(copies, folder)
    return folder


def nodes_after(model, name):
    return [node for node in model.graph.node if name in node.input]


@pytest.mark.parametrize("quality", SOLVERS)
@pytest.mark.parametrize("size", [(1, 16, 16), (2, 36, 20), (1, 20, 132)])
def test_graphs_equal_the_generator_at_any_size_and_batch(tiny_generator, folder, quality, size):
    batch, height, width = size
    session = onnxruntime.InferenceSession(str(folder / f"{quality}.onnx"))
    image = np.random.default_rng(0).uniform(-1, 1, (batch, 3, height, width)).astype(np.float32)
    tiny_generator.set_solver(SOLVERS[quality])
    for strength in (0.0, 0.3, 1.0):
        drawn = session.run(None, {"image": image, "strength": np.array(strength, np.float32)})[0]
        with torch.no_grad():
            expected = tiny_generator(torch.from_numpy(image), strength).numpy()
        assert np.abs(drawn - expected).max() < 1e-4


@pytest.mark.parametrize("quality", SOLVERS)
def test_only_operators_that_every_engine_has(models, quality):
    used = {node.op_type for node in models[quality].graph.node}
    assert {engine.name: engine.lacks(used) for engine in engines() if engine.lacks(used)} == {}


def test_the_solver_is_unrolled_and_norms_are_folded(models):
    convolutions = {
        name: sum(node.op_type == "Conv" for node in model.graph.node)
        for name, model in models.items()
    }
    # 3 before the ODE (the unshuffle is one), 3 after it, 2 blocks of 2 for each evaluation
    assert convolutions == {"draft": 6 + 4, "normal": 6 + 8}


@pytest.mark.parametrize("quality", SOLVERS)
def test_strength_is_the_step_size_and_nothing_else(models, quality):
    """It only multiplies slopes, and the picture goes into the encoder alone: there is no blend."""
    model = models[quality]
    constants = {tensor.name for tensor in model.graph.initializer}
    slopes = {node.output[0] for node in model.graph.node if node.op_type == "Conv"}
    assert [node.op_type for node in nodes_after(model, "image")] == ["Conv"]

    steps = ["strength"]  # and its product with the weight of a stage
    steps += [
        node.output[0]
        for node in nodes_after(model, "strength")
        if constants.intersection(node.input)
    ]
    users = [node for step in steps for node in nodes_after(model, step)]
    scaled = [node for node in users if node.output[0] not in steps]
    assert {node.op_type for node in users} == {"Mul"}
    assert len(scaled) == 2 * SOLVERS[quality].evaluations
    for node in scaled:
        assert [name in slopes for name in node.input if name not in steps] == [True]


@pytest.mark.parametrize(
    "options", [{"time": "concat"}, {"time": "film"}, {"gray": True, "edges": "zeros"}]
)
def test_what_a_generator_can_do_otherwise_is_in_its_graph(options):
    torch.manual_seed(0)
    config = {"ngf": 4, "bottleneck": 40, "n_blocks": 1, "norm": "batch", "stem": "unshuffle"}
    generator = create_generator("nijigan", **config, **options, solver="midpoint").eval()
    for name, parameter in generator.named_parameters():
        if parameter.dim() == 4 or "norm2.weight" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    model = onnx_from_torch(generator, generator.solver)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    image = torch.rand(2, 3, 20, 36) * 2 - 1
    for strength in (0.0, 0.6, 1.0):
        given = {"image": image.numpy(), "strength": np.array(strength, np.float32)}
        with torch.no_grad():
            expected = generator(image, strength).numpy()
        assert np.abs(session.run(None, given)[0] - expected).max() < 1e-5
    used = {node.op_type for node in model.graph.node}
    assert [engine.name for engine in engines() if engine.lacks(used)] == []


def test_qualities_share_one_file_of_weights(folder):
    sizes = set()
    for quality in SOLVERS:
        model = onnx.load(folder / f"{quality}.onnx", load_external_data=False)
        places = {}
        for tensor in model.graph.initializer:
            entries = {entry.key: entry.value for entry in tensor.external_data}
            if entries:
                assert entries["location"] == "weights.bin"
                places[tensor.name] = entries["offset"]
        sizes.add(tuple(sorted(places.items())))
        assert (folder / f"{quality}.onnx").stat().st_size < 20_000
    assert len(sizes) == 1


def test_graphs_say_nothing_of_the_machine_that_made_them(folder):
    for quality in SOLVERS:
        data = (folder / f"{quality}.onnx").read_bytes()
        assert b".py" not in data
        assert b"torch" not in data


def test_sizes_stay_in_the_graph_however_many(tmp_path):
    ones = onnx.numpy_helper.from_array(np.ones(100, np.int64), "sizes")
    parts = [f"part{i}" for i in range(100)]
    nodes = [
        onnx.helper.make_node("Split", ["image", "sizes"], parts, axis=3),
        onnx.helper.make_node("Concat", parts, ["drawn"], axis=3),
    ]
    values = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 3, 2, 100])
        for name in ("image", "drawn")
    ]
    graph = onnx.helper.make_graph(nodes, "g", values[:1], values[1:], [ones])
    opset = [onnx.helper.make_opsetid("", 18)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=10)
    write_graphs({"normal": model}, tmp_path)
    # ONNX Runtime needs them before it reads weights.
    session = onnxruntime.InferenceSession(str(tmp_path / "normal.onnx"))
    image = np.random.default_rng(0).random((1, 3, 2, 100), np.float32)
    assert np.array_equal(session.run(None, {"image": image})[0], image)
