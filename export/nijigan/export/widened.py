"""Runs bfloat16 graphs where no processor can: as the same graph in float32."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper


def widened(graph: Path) -> bytes:
    """Return a graph whose bfloat16 tensors are float32 of the same values, weights within.

    It has the weights' rounding, and not that of what is computed.
    """
    model = onnx.load(str(graph))
    attributes = [attribute for node in model.graph.node for attribute in node.attribute]
    for tensor in (*model.graph.initializer, *(attribute.t for attribute in attributes)):
        if tensor.data_type == TensorProto.BFLOAT16:
            values = numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    for attribute in attributes:
        if attribute.name == "to" and attribute.i == TensorProto.BFLOAT16:
            attribute.i = TensorProto.FLOAT
    return bytes(model.SerializeToString())
