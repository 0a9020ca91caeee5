"""Writes a graph of opset 18 in opset 15, for readers that know no newer one.

ONNX's own converter does not go back over Pad. Of the operators that graphs of styles have, four
changed in between, and only in how they are written.
"""

import onnx
from onnx import ModelProto, NodeProto, numpy_helper

from nijigan.core.errors import ExportError

OPSET = 15

_NEW_IN_RESIZE = {"antialias": 0, "keep_aspect_ratio_policy": b"stretch"}
"""Attributes that opset 18 has brought, with what was always done before."""


def in_older_opset(model: ModelProto) -> ModelProto:
    """Return the model in opset 15.

    Args:
        model: of opset 18, its weights within.

    Raises:
        ExportError: a node does what opset 15 cannot say.
    """
    older = ModelProto()
    older.CopyFrom(model)
    constants = {tensor.name: tensor for tensor in older.graph.initializer}
    for node in older.graph.node:
        if node.op_type == "ReduceMean" and len(node.input) == 2:
            axes = numpy_helper.to_array(constants[node.input[1]]).tolist()
            del node.input[1]
            _drop(node, {"noop_with_empty_axes": 0})
            node.attribute.append(onnx.helper.make_attribute("axes", axes))
        elif node.op_type == "Resize":
            _drop(node, _NEW_IN_RESIZE)
        elif node.op_type == "Split" and len(node.input) == 1:
            _drop(node, {"num_outputs": len(node.output)})  # in equal parts, as it always was
        elif node.op_type == "Pad" and len(node.input) == 4 and node.input[3]:
            raise ExportError("A Pad pads some axes alone.", "Pad all of them, by 0 where not.")
    del older.opset_import[:]
    older.opset_import.append(onnx.helper.make_opsetid("", OPSET))
    older.ir_version = min(older.ir_version, 8)  # ONNX's with that opset
    _drop_unused(older)
    try:
        onnx.checker.check_model(older, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportError(
            f"The graph cannot be written in opset {OPSET}: {str(error).splitlines()[0]}",
            "Report this with the network's name.",
        ) from error
    return older


def _drop(node: NodeProto, known: dict[str, object]) -> None:
    """Remove attributes that do nothing."""
    for attribute in [each for each in node.attribute if each.name in known]:
        if onnx.helper.get_attribute_value(attribute) == known[attribute.name]:
            node.attribute.remove(attribute)


def _drop_unused(model: ModelProto) -> None:
    used = {name for node in model.graph.node for name in node.input}
    for tensor in [t for t in model.graph.initializer if t.name not in used]:
        model.graph.initializer.remove(tensor)
