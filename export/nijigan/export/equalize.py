"""Evens out how far the channels between two convolutions reach, before both get 8 bits.

All that goes into a quantized convolution has one scale: a channel that reaches a tenth as far as
the furthest one is left a tenth of the steps. A ReLU passes a positive factor on, so what makes a
channel may be divided by a number, and what uses it multiplied, without a change of the drawing.
That number makes the weights on both sides reach as far as each other (Nagel et al. 2019,
"Data-free quantization through weight equalization and bias correction", equation 11). It hangs on
the weights alone, and so the qualities of a style still share them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, numpy_helper

F32 = NDArray[np.float32]

_Weights = tuple[str, str, str]
"""Names of weights before a ReLU, of the bias there (empty: none), and of the weights behind."""


def equalize(graph: GraphProto) -> None:
    """Equalize the weights of each two convolutions that only a ReLU lies between, in place.

    Args:
        graph: its weights within. Those that another node uses too stay as they are.
    """
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    uses = Counter(name for node in graph.node for name in node.input if name in tensors)
    chains = Counter(_chains(graph, set(tensors)))
    for (made, bias, used), times in chains.items():
        if any(name and uses[name] != times for name in (made, bias, used)):
            continue
        before, behind = (_values(tensors[name]) for name in (made, used))
        factor = _factor(before, behind)
        scaled: dict[str, F32] = {
            made: before / factor[:, None, None, None],
            used: behind * factor[:, None, None],
        }
        if bias:
            scaled[bias] = _values(tensors[bias]) / factor
        for name, values in scaled.items():
            tensors[name].CopyFrom(numpy_helper.from_array(values, name))


def _values(tensor: TensorProto) -> F32:
    return numpy_helper.to_array(tensor).astype(np.float32)


def _factor(made: F32, used: F32) -> F32:
    """Return what each channel is divided by. `made`: (C, …); `used`: (any, C, …)."""
    before, behind = np.abs(made).max((1, 2, 3)), np.abs(used).max((0, 2, 3))
    alive = (before > 0) & (behind > 0)
    found: F32 = np.sqrt(np.where(alive, before, 1) / np.where(alive, behind, 1))
    return found.astype(np.float32)


def _chains(graph: GraphProto, tensors: set[str]) -> Iterator[_Weights]:
    """Yield the weights of every convolution, ReLU and convolution that nothing else looks into."""
    makers = {name: node for node in graph.node for name in node.output}
    users: defaultdict[str, list[NodeProto]] = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            users[name].append(node)
    for relu in (node for node in graph.node if node.op_type == "Relu"):
        first, behind = makers.get(relu.input[0]), users[relu.output[0]]
        if first is None or first.op_type != "Conv" or len(behind) != 1:
            continue
        second = behind[0]
        if second.op_type != "Conv" or _groups(second) != 1 or len(users[first.output[0]]) != 1:
            continue
        names = (first.input[1], first.input[2] if len(first.input) > 2 else "", second.input[1])
        if all(name in tensors for name in names if name):
            yield names


def _groups(node: NodeProto) -> int:
    return next((attribute.i for attribute in node.attribute if attribute.name == "group"), 1)
