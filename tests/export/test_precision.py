"""Styles in fewer bits, and of one size: near to the generator, and in the form engines take."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, numpy_helper
from typer.testing import CliRunner

from nijigan.core.cli import build_app
from nijigan.core.datasets.photos import find_photos
from nijigan.core.errors import CheckFailedError, UsageError
from nijigan.core.models import create, create_generator
from nijigan.core.ode import Midpoint
from nijigan.export import compare
from nijigan.export.card import Card
from nijigan.export.equalize import equalize
from nijigan.export.exporter import Pictures, export_style
from nijigan.export.feed import feed
from nijigan.export.inspection import inspect_style
from nijigan.export.onnx import onnx_from_torch
from nijigan.export.precision import PRECISIONS, precision_of
from nijigan.export.quantize import ends
from nijigan.export.reduced import DTYPES, Reduced
from nijigan.export.runtime import open_session, run_graph
from nijigan.export.source import open_source
from nijigan.export.style import Parity, load_style
from nijigan.export.unroll import unroll

CARD = Card(name="tiny", license="Apache-2.0")


@pytest.fixture(autouse=True)
def _small_comparisons(monkeypatch):
    monkeypatch.setattr(compare, "SIZES", ((32, 32), (36, 20), (48, 64)))


@pytest.fixture(scope="module")
def pictures(photos):
    paths = [photo.photo for photo in find_photos(photos)]
    return Pictures(paths, paths, paths[0])


@pytest.fixture(scope="module", params=PRECISIONS)
def style(request, checkpoint, pictures, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "SIZES", ((32, 32), (36, 20), (48, 64)))
        out = tmp_path_factory.mktemp("style") / request.param
        # Int8 of a network of 8 channels with random weights comes to less than 30 dB.
        checked = request.param != "int8"
        export_style(
            open_source(checkpoint), out, CARD, pictures, PRECISIONS[request.param], checked
        )
    return load_style(out)


def test_a_style_says_its_precision_and_how_near_it_is(style):
    precision = PRECISIONS[style.precision]
    assert style.precision == style.folder.name
    assert len(style.parity) == 9
    assert precision.name == "int8" or all(precision.allows(row) for row in style.parity)
    assert all(row.psnr_db > 27 and 0.85 < row.ssim <= 1 for row in style.parity)
    assert (max(row.max_abs for row in style.parity) < 1e-4) == (style.precision == "fp32")


def test_weights_have_the_bits_and_are_shared_by_the_qualities(style):
    found = inspect_style(style)
    kinds = {"fp32": {"float32"}, "fp16": {"float16"}, "bf16": {"bfloat16"}}
    if style.precision in kinds:
        assert {kind for graph in found.graphs for kind in graph.weights} >= kinds[style.precision]
    bytes_each = {"fp32": 4, "fp16": 2, "bf16": 2, "int8": 1}[style.precision]
    largest = max(graph.parameters for graph in found.graphs)
    if style.precision != "int8":  # where what is not quantized is counted too
        assert found.weights_bytes < 1.2 * bytes_each * largest
    ends = [*(graph.inputs for graph in found.graphs), *(graph.outputs for graph in found.graphs)]
    assert all(text.startswith("float32") for each in ends for text in each.values())


def test_int8_is_in_the_form_that_all_but_unity_take(checkpoint, pictures, tmp_path):
    out = tmp_path / "int8"
    style = export_style(open_source(checkpoint), out, CARD, pictures, PRECISIONS["int8"], False)
    lacking = {v.engine for v in inspect_style(style).engines if v.lacking}
    assert lacking == {"Unity's inference engine"}
    model = onnx.load(str(style.graph("normal")))
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    kinds = ("QuantizeLinear", "DequantizeLinear")
    quantizers = [node for node in model.graph.node if node.op_type in kinds]
    assert quantizers
    for node in quantizers:
        zero = onnx.numpy_helper.to_array(tensors[node.input[2]], str(out))
        assert zero.dtype == np.int8
        assert not zero.any()
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    made = {output: node.op_type for node in model.graph.node for output in node.output}
    quantized = [made.get(node.input[0]) == "DequantizeLinear" for node in convolutions]
    assert quantized == [False] * 2 + [True] * (len(convolutions) - 4) + [False] * 2


def packaged_like():
    """A small generator of the packaged styles' kind, and a picture."""
    torch.manual_seed(0)
    sizes = {"ngf": 4, "bottleneck": 8, "hidden": 8, "n_blocks": 2, "dilations": [1, 2]}
    generator = create_generator("nijigan", stem="unshuffle", edges="zeros", norm="none", **sizes)
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, 32, 32)).astype(np.float32)
    return generator.eval(), image


def drawn_by(model, image):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, feed(image, 1.0, None))[0]


def test_equalized_channels_draw_the_same():
    generator, image = packaged_like()
    with torch.no_grad():
        for weights in generator.parameters():
            weights.normal_(std=0.1)
        generator.blocks[0].f.conv1.weight[0] *= 100
        generator.blocks[1].f.conv2.weight[:, 1] = 0
    model = onnx_from_torch(generator, Midpoint(1))
    drawn = drawn_by(model, image)
    equalize(model.graph)
    np.testing.assert_allclose(drawn_by(model, image), drawn, atol=1e-5)
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    made, used = (np.abs(weights[f"blocks.0.f.conv{number}.weight"]) for number in (1, 2))
    np.testing.assert_allclose(made.max((1, 2, 3)), used.max((0, 2, 3)), rtol=1e-5)


def test_what_an_ode_block_adds_to_is_not_rounded():
    generator, image = packaged_like()
    graph = onnx_from_torch(generator, Midpoint(1), "int8", [image]).graph
    makers = {name: node for node in graph.node for name in node.output}
    sums = [node for node in graph.node if node.op_type == "Add"]
    rounded = [
        makers[makers[name].input[0]].input[0]
        for node in sums
        for name in node.input
        if name in makers and makers[name].op_type == "DequantizeLinear"
    ]
    assert sums
    assert all(makers[name].op_type == "Conv" for name in rounded)


def test_a_rectified_convolution_has_the_scale_of_what_is_left():
    generator, image = packaged_like()
    graph = onnx_from_torch(generator, Midpoint(1), "int8", [image]).graph
    makers = {name: node for node in graph.node for name in node.output}
    scales = {node.input[0]: node.input[1] for node in graph.node if "Quantize" in node.op_type}
    found = [
        (makers[node.input[0]].input[1], scales[node.output[0]])
        for node in graph.node
        if node.op_type == "Relu" and node.output[0] in scales
        if makers[node.input[0]].op_type == "DequantizeLinear"
    ]
    assert len(found) >= 4
    assert all(before == behind for before, behind in found)


def any_style():
    torch.manual_seed(0)
    sizes = {"ngf": 4, "n_blocks": 1, "style_dim": 4, "predictor_width": 4}
    network = create("arbitrary", predictor="small", **sizes).eval()
    return network.with_style(torch.rand(1, 3, 64, 64) * 2 - 1)


def test_what_sees_the_picture_is_found_beside_what_looks_at_a_style():
    graph = onnx_from_torch(any_style(), Midpoint(1)).graph
    spared = ends(graph)
    weights = {node.input[1] for node in graph.node if node.name in spared}
    first, middle = ("contract.0", "contract.1"), ("contract.2", "blocks.0.styled1", "expand1")
    found = [
        [f"network.network.transformer.{layer}.conv.weight" in weights for layer in layers]
        for layers in (first, middle, ("expand2", "head"))
    ]
    assert found == [[True] * 2, [False] * 3, [True] * 2]


def test_transposed_convolutions_stay_in_float32_and_count_as_ends():
    generator = create_generator("cyclegan_resnet4", ngf=4).eval()
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, 32, 32)).astype(np.float32)
    graph = onnx_from_torch(generator, Midpoint(1), "int8", [image]).graph
    made = {output: node.op_type for node in graph.node for output in node.output}
    kinds = [
        (node.op_type, made.get(node.input[0]) == "DequantizeLinear")
        for node in graph.node
        if node.op_type in ("Conv", "ConvTranspose")
    ]
    ups = [("ConvTranspose", False)] * 2
    assert kinds == [("Conv", False)] * 2 + [("Conv", True)] * 9 + ups + [("Conv", False)]


def test_norms_over_the_picture_stay_in_float32():
    """Of 16 bits the square of 300 is infinite, and so would be what is divided by."""
    torch.manual_seed(0)
    generator = create_generator("cut_resnet4", ngf=4).eval()
    with torch.no_grad():
        next(m for m in generator.modules() if isinstance(m, torch.nn.Conv2d)).weight.mul_(3000)
        image = torch.rand(1, 3, 64, 64) * 2 - 1
        exact = generator(image)
        reduced = Reduced(unroll(generator, Midpoint(1)), torch.float16)(image)
    assert reduced.dtype == torch.float32
    assert (reduced - exact).abs().max() < 0.05


@pytest.mark.parametrize("precision", DTYPES)
def test_a_graph_of_16_bits_keeps_its_statistics_in_32(precision):
    torch.manual_seed(0)
    generator = create_generator("cut_resnet4", ngf=2).eval()
    model = onnx.shape_inference.infer_shapes(onnx_from_torch(generator, Midpoint(1), precision))
    kinds = {v.name: v.type.tensor_type.elem_type for v in model.graph.value_info}
    means = [node for node in model.graph.node if node.op_type == "ReduceMean"]
    assert means
    assert {kinds[node.output[0]] for node in means} == {TensorProto.FLOAT}
    convolutions = {kinds[n.output[0]] for n in model.graph.node if n.op_type == "Conv"}
    assert convolutions == {{"fp16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}[precision]}


@pytest.mark.parametrize(
    "generator",
    [any_style(), create_generator("ugatit_light", ngf=4, n_blocks=1).eval()],
    ids=["arbitrary", "ugatit_light"],
)
def test_a_network_that_takes_a_mean_of_the_picture_has_16_bits_and_runs(generator, tmp_path):
    model = onnx_from_torch(generator, Midpoint(1), "fp16")
    floats = [t for t in model.graph.initializer if t.data_type == TensorProto.FLOAT]
    of_norms = [p for name, p in generator.named_parameters() if "to_" in name]
    assert sum(np.prod(t.dims) for t in floats) < 100 + sum(p.numel() for p in of_norms)
    onnx.save(model, tmp_path / "g.onnx")
    image = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        exact = generator(image).numpy()
    assert (
        np.abs(run_graph(open_session(tmp_path / "g.onnx"), image.numpy(), 1.0) - exact).max()
        < 0.05
    )


def test_a_precision_that_is_none():
    with pytest.raises(UsageError, match="Did you mean 'fp16'"):
        precision_of("pf16")


@pytest.mark.parametrize(
    ("name", "max_abs", "psnr", "allowed"),
    [
        ("fp32", 9e-4, 90.0, True),
        ("fp32", 2e-3, 90.0, False),
        ("fp32", float("nan"), 90.0, False),
        ("int8", 0.5, 31.0, True),
        ("int8", 0.5, 29.0, False),
        ("int8", 0.5, float("nan"), False),
    ],
)
def test_what_a_precision_explains(name, max_abs, psnr, allowed):
    row = Parity("normal", "32x32", max_abs, psnr)
    assert PRECISIONS[name].allows(row) == allowed
    if not allowed:
        with pytest.raises(CheckFailedError, match=f"{name} may by"):
            compare.check([row], PRECISIONS[name])


def export(*arguments):
    return CliRunner().invoke(build_app(), ["export", *map(str, arguments)])


@pytest.mark.parametrize(
    ("source", "options", "fault"),
    [
        ("cartoongan", ["--solver", "rk4"], "'cartoongan' has no ODE to solve. Drop --solver."),
        ("cel", ["--steps", 1], "--steps is of --solver, which is not given."),
        ("cel", ["--calibration", "."], "fp32 has nothing to calibrate."),
        ("cel", ["--style-image", "x.png"], "'cel' has one style of its own."),
        ("cartoongan", ["--style-image", "x.png"], "'cartoongan' has one style of its own."),
    ],
)
def test_an_option_without_use_is_refused(source, options, fault, tmp_path):
    result = export(source, *options, "-o", tmp_path / "style")
    assert isinstance(result.exception, UsageError)
    assert fault in str(result.exception)


def test_a_network_by_its_name_becomes_a_style_of_random_weights(photos, tmp_path):
    result = export("cartoongan", "-o", tmp_path / "fast", "--photos", photos, "--fixed-size", 32)
    assert not result.exception
    style = load_style(tmp_path / "fast")
    assert (style.fixed_size, style.strength) == (32, "blend")
    assert style.training["data"] == "none: random weights"
    assert "weights are random" in style.limits[0]
    assert [row.size for row in style.parity] == ["32x32"]


def test_without_the_check_a_style_is_written_and_what_is_wrong_is_told(
    checkpoint, photos, tmp_path, monkeypatch
):
    strict = {**PRECISIONS, "int8": precision_of("int8").__class__("int8", 2.0, 99.0)}
    monkeypatch.setattr("nijigan.export.precision.PRECISIONS", strict)
    arguments = [checkpoint, "--photos", photos, "--precision", "int8", "-o", tmp_path / "style"]
    assert isinstance(export(*arguments).exception, CheckFailedError)
    assert not (tmp_path / "style").exists()
    result = export(*arguments, "--no-check")
    assert not result.exception
    assert "warning: int8 alone does not explain that." in result.output
    assert load_style(tmp_path / "style").precision == "int8"


@pytest.mark.parametrize("side", [8, 33])
def test_a_fixed_size_that_the_network_does_not_take(checkpoint, photos, tmp_path, side):
    result = export(checkpoint, "--photos", photos, "--fixed-size", side, "-o", tmp_path / "s")
    assert isinstance(result.exception, UsageError)
    assert "Give a multiple of 4, at least 16." in str(result.exception)
