import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from nijigan.core.errors import ExportError
from nijigan.export import memory
from nijigan.export.memory import bytes_per_pixel


def graph_of(channels, path, weights=1):
    """A picture to so many channels at full size, and back; and so many weights for its mean."""
    arrays = {
        "there": np.ones((channels, 3, 1, 1), np.float32),
        "back": np.ones((3, channels, 1, 1), np.float32),
        "first": np.ones((weights, 3, 1, 1), np.float32),
        "last": np.ones((3, weights, 1, 1), np.float32),
        "many": np.ones((weights, weights, 1, 1), np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["image", "there"], ["wide"]),
        helper.make_node("Relu", ["wide"], ["bent"]),
        helper.make_node("Conv", ["bent", "back"], ["narrow"]),
        helper.make_node("GlobalAveragePool", ["image"], ["mean"]),
        helper.make_node("Conv", ["mean", "first"], ["long"]),
        helper.make_node("Conv", ["long", "many"], ["mixed"]),
        helper.make_node("Conv", ["mixed", "last"], ["color"]),
        helper.make_node("Mul", ["color", "strength"], ["tint"]),
        helper.make_node("Mul", ["narrow", "tint"], ["drawn"]),
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
        [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return path


@pytest.mark.parametrize(("channels", "weights"), [(32, 1), (128, 1), (32, 8192)])
def test_memory_goes_with_the_channels_at_full_size(channels, weights, tmp_path):
    measured = bytes_per_pixel(graph_of(channels, tmp_path / "g.onnx", weights), 4)
    assert 4 * channels <= measured <= 4 * 4 * channels + 200


def test_where_the_peak_cannot_be_forgotten_pictures_grow_until_it_moves(monkeypatch):
    loaded, need, sides = 10**8, 500, []
    monkeypatch.setattr(memory, "_forget_peak", lambda: None)
    monkeypatch.setattr(memory, "run_graph", lambda _, image, __: sides.append(image.shape[-1]))
    monkeypatch.setattr(
        memory, "_peak_bytes", lambda: max(loaded, *(need * s * s for s in sides), 0)
    )
    assert memory._measure(None, 256) == need
    assert sides == [256, 512, 1536]


def test_a_graph_that_cannot_run_is_told(tmp_path):
    (tmp_path / "g.onnx").write_bytes(b"none")
    with pytest.raises(ExportError, match="cannot be run to measure its memory"):
        bytes_per_pixel(tmp_path / "g.onnx", 4)
