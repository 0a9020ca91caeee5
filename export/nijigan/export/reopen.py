"""Opens a style as the generator that it was exported from, its norms folded.

Tracing keeps the names of weights, so that a graph gives them back. What comes out computes what
the graph does, and can be exported again: with another solver, in fewer bits, at one size.
"""

import numpy as np
import onnx
import torch
from onnx import ModelProto, TensorProto, numpy_helper
from torch import Tensor

from nijigan.core.errors import ExportError
from nijigan.core.models import Generator, create_generator
from nijigan.core.ode import Euler, FixedStep
from nijigan.export.blend import Blend
from nijigan.export.style import Style
from nijigan.export.unroll import unroll

_WRAPPERS = ("generator.", "network.")
"""What a traced graph has before the names of the generator's own weights."""


def generator_of(style: Style) -> Generator:
    """Return the generator of a style, in float32, in evaluation mode.

    Args:
        style: with graphs in float32 or 16 bits.

    Raises:
        ExportError: its graphs have not all of the weights, or not in a form that gives them back.
    """
    created = create_generator(style.generator["name"], **style.generator["config"])
    network = unroll(created, created.solver if isinstance(created.solver, FixedStep) else Euler())
    found = _weights(onnx.load(str(style.graph("normal"))))
    lacking = [name for name in network.state_dict() if name not in found]
    if lacking or style.strength == "style":
        fact = f"'{lacking[0]}' is not in it" if lacking else "it draws one picture's style"
        raise ExportError(
            f"The style '{style.name}' cannot be exported again: {fact}.",
            "Give the run or the checkpoint that it was exported from.",
        )
    network.load_state_dict({name: found[name] for name in network.state_dict()})
    return Blend(network).eval() if style.strength == "blend" else network.eval()


def _weights(model: ModelProto) -> dict[str, Tensor]:
    """Return the weights by their names in the generator.

    Of tensors that are equal, as biases that training has left at zero are, tracing keeps one, or
    none: so a bias is also what the node of its weight adds.
    """
    kept = {
        tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).astype(np.float32))
        for tensor in model.graph.initializer
        if tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16)
    }
    found = {_own_name(name): tensor for name, tensor in kept.items()}
    for node in model.graph.node:
        if node.op_type not in ("Conv", "ConvTranspose", "Gemm") or node.input[1] not in kept:
            continue
        layer, _, parameter = _own_name(node.input[1]).rpartition(".")
        bias = kept.get(node.input[2]) if len(node.input) > 2 else None
        if parameter == "weight" and bias is not None:
            found[f"{layer}.bias"] = bias
        elif parameter == "weight":
            channels = kept[node.input[1]].shape[1 if node.op_type == "ConvTranspose" else 0]
            found[f"{layer}.bias"] = torch.zeros(channels)
    return found


def _own_name(name: str) -> str:
    while name.startswith(_WRAPPERS):
        name = name.partition(".")[2]
    return name
