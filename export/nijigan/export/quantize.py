"""Turns convolutions into 8-bit ones, by ranges measured on photos.

Quantization is static and symmetric, written as QuantizeLinear and DequantizeLinear around each
convolution, in the form in which ONNX Runtime, OpenVINO and TensorRT all take it: int8, no zero
point, one scale for what goes in and one for each output channel of the weights. Biases stay in
float32, and so does what is read by others than convolutions: a state that an ODE block adds to
would lose a little at every step. What only a ReLU reads has the range that the ReLU leaves of it.

The two first convolutions and the two last ones stay in float32: they see the picture itself. Of
the style `cel` that is worth 11 dB and costs a tenth of the time. So do transposed convolutions:
ONNX Runtime has none in 8 bits on the CPU, and between quantizers they are less exact for nothing.
"""

import itertools
import logging
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto

from nijigan.export.equalize import equalize
from nijigan.export.feed import feed

F32 = NDArray[np.float32]

_STRENGTHS = (1.0, 0.5)
_ENDS = 2
"""How many convolutions stay in float32, from the picture and to the drawing."""


def quantized(model: ModelProto, images: Sequence[F32]) -> ModelProto:
    """Return a style's graph with its convolutions in int8.

    The ranges of what goes into and comes out of each are the least and the largest value met while
    the images are drawn, at the strengths 1 and 0.5.

    Args:
        model: as `onnx_from_torch` returns it, its weights within. They are equalized, in place.
        images: what to calibrate on, each `(1, 3, H, W)` in [-1, 1], H and W as the graph takes.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantType, quantize_static
    from onnxruntime.quantization.calibrate import CalibrationDataReader

    inputs = {value.name: value.type.tensor_type.shape.dim for value in model.graph.input}
    numbers = inputs["norm_stats"][1].dim_value if "norm_stats" in inputs else None

    class Photos(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left: Iterator[dict[str, F32]] = (
                feed(image, strength, numbers)
                for image, strength in itertools.product(images, _STRENGTHS)
            )

        def get_next(self) -> dict[str, F32] | None:
            return next(self._left, None)

    equalize(model.graph)
    with tempfile.TemporaryDirectory() as folder, _quiet():
        out = Path(folder) / "int8.onnx"
        quantize_static(
            model,
            out,
            Photos(),
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=sorted(ends(model.graph)),
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={
                "ActivationSymmetric": True,
                "WeightSymmetric": True,
                "QuantizeBias": False,  # TensorRT takes no int32
            },
        )
        found = onnx.load(out)
    _keep_for_others(found.graph)
    _rectify(found.graph)
    return found


def _keep_for_others(graph: GraphProto) -> None:
    """Let all but convolutions read what was not rounded, but for what a convolution made."""
    makers = _makers(graph)
    for node in graph.node:
        if node.op_type in ("Conv", "QuantizeLinear", "DequantizeLinear"):
            continue
        for index, name in enumerate(node.input):
            rounded = _rounded(name, makers)
            if rounded and getattr(makers.get(rounded), "op_type", "") != "Conv":
                node.input[index] = rounded


def _rectify(graph: GraphProto) -> None:
    """Give what only a ReLU reads the scale of what comes out: its negative numbers become 0."""
    makers = _makers(graph)
    readers = Counter(name for node in graph.node for name in node.input)
    scales = {
        node.input[0]: node.input[1] for node in graph.node if node.op_type == "QuantizeLinear"
    }
    for relu in (node for node in graph.node if node.op_type == "Relu"):
        rounded = _rounded(relu.input[0], makers)
        if rounded and readers[relu.input[0]] == 1 and relu.output[0] in scales:
            dequantizer = makers[relu.input[0]]
            quantizer = makers[dequantizer.input[0]]
            dequantizer.input[1] = quantizer.input[1] = scales[relu.output[0]]


def _makers(graph: GraphProto) -> dict[str, NodeProto]:
    return {name: node for node in graph.node for name in node.output}


def _rounded(name: str, makers: Mapping[str, NodeProto]) -> str:
    """Return the tensor that a quantizer and a dequantizer made another of; empty: they did not."""
    dequantizer = makers.get(name)
    if dequantizer is None or dequantizer.op_type != "DequantizeLinear":
        return ""
    quantizer = makers.get(dequantizer.input[0])
    return quantizer.input[0] if quantizer is not None else ""


def ends(graph: GraphProto) -> set[str]:
    """Return the names of the convolutions that see the picture: the first two, and the last two.

    Two on each way, and not two of the list: a network may have branches, and what does not draw
    before what does.
    """
    nodes = list(graph.node)
    return _near("image", nodes, ahead=True) | _near("drawn", nodes[::-1], ahead=False)


def _near(tensor: str, nodes: Iterable[NodeProto], ahead: bool) -> set[str]:
    """Return the convolutions with fewer than `_ENDS` others between them and a tensor.

    Args:
        tensor: what is read, or made.
        nodes: in the order of the data from it on.
        ahead: whether that is the order of the graph.
    """
    passed = {tensor: 0}  # by the shortest way to each tensor
    found = set()
    for node in nodes:
        if node.op_type == "Shape":  # sides are no picture
            continue
        here, beyond = (node.input, node.output) if ahead else (node.output, node.input)
        count = min((passed[name] for name in here if name in passed), default=_ENDS)
        if node.op_type in ("Conv", "ConvTranspose"):
            if count < _ENDS:
                found.add(node.name)
            count += 1
        for name in beyond:
            passed[name] = min(count, passed.get(name, count))
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop its advice to prepare the graph: a traced graph is folded already."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
