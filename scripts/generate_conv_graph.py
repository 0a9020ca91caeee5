"""Write the graph that `nijigan bench` compares with: one 256→256 3×3 convolution.

Its weights are made by the graph itself and folded when it is loaded, which keeps the file small.
The inputs and the output are named as a style's are, so that the same engines run it.

    python scripts/generate_conv_graph.py
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

TARGET = Path(__file__).parent.parent / "server/nijigan/server/data/conv256.onnx"
CHANNELS = 256


def main() -> None:
    shape: list[str | int | None] = [1, CHANNELS, "H", "W"]
    # Small enough that the output stays near the input, far from denormal numbers.
    weight = numpy_helper.from_array(np.array([1 / (9 * CHANNELS)], np.float32))
    kernel = numpy_helper.from_array(np.array([CHANNELS, CHANNELS, 3, 3]), "shape")
    graph = helper.make_graph(
        [
            helper.make_node("ConstantOfShape", ["shape"], ["kernel"], value=weight),
            helper.make_node("Conv", ["image", "kernel"], ["drawn"], pads=[1, 1, 1, 1]),
        ],
        "conv256",
        [
            helper.make_tensor_value_info("image", TensorProto.FLOAT, shape),
            helper.make_tensor_value_info("strength", TensorProto.FLOAT, []),
        ],
        [helper.make_tensor_value_info("drawn", TensorProto.FLOAT, shape)],
        [kernel],
    )
    opset = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, producer_name="nijigan", opset_imports=opset, ir_version=10)
    checker.check_model(model, full_check=True)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
