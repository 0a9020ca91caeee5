import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from nijigan.core.errors import ExportError
from nijigan.export.memory import bytes_per_pixel


def graph_of(channels, path):
    """A picture to so many channels at full size, and back."""
    there, back = np.ones((channels, 3, 1, 1), np.float32), np.ones((3, channels, 1, 1), np.float32)
    nodes = [
        helper.make_node("Conv", ["image", "there"], ["wide"]),
        helper.make_node("Relu", ["wide"], ["bent"]),
        helper.make_node("Conv", ["bent", "back"], ["narrow"]),
        helper.make_node("Mul", ["narrow", "strength"], ["drawn"]),
    ]
    shape = ["N", 3, "H", "W"]
    graph = helper.make_graph(
        nodes,
        "g",
        [
            helper.make_tensor_value_info("image", TensorProto.FLOAT, shape),
            helper.make_tensor_value_info("strength", TensorProto.FLOAT, []),
        ],
        [helper.make_tensor_value_info("drawn", TensorProto.FLOAT, shape)],
        [onnx.numpy_helper.from_array(a, n) for a, n in ((there, "there"), (back, "back"))],
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return path


@pytest.mark.parametrize("channels", [32, 128])
def test_memory_goes_with_the_channels_at_full_size(channels, tmp_path):
    measured = bytes_per_pixel(graph_of(channels, tmp_path / "g.onnx"), 4)
    assert 4 * channels <= measured <= 4 * 4 * channels + 200


def test_a_graph_that_cannot_run_is_told(tmp_path):
    (tmp_path / "g.onnx").write_bytes(b"none")
    with pytest.raises(ExportError, match="cannot be run at 768x768"):
        bytes_per_pixel(tmp_path / "g.onnx", 4)
