"""A style small enough for every test: a network of one kernel whose reach is known."""

import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from PIL import Image

from nijigan.export.style import (
    QUALITIES,
    WEIGHTS,
    Quality,
    Scale,
    Style,
    load_style,
    write_style_json,
)

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

MULTIPLE = 4
KERNEL = 5
BYTES_PER_PIXEL = 256


def radius_px(convolutions: int) -> int:
    """How far an output pixel looks: its block of 4, then half a kernel for each convolution."""
    return MULTIPLE - 1 + convolutions * (KERNEL // 2)


def _toy_kernel() -> np.ndarray:
    """Weights that tell left from right, up from down and red from blue; output stays in range."""
    kernel = np.random.default_rng(7).normal(size=(3, 3, KERNEL, KERNEL)).astype(np.float32) / 20
    for channel in range(3):  # most weight is as far from the middle as it can be
        kernel[channel, channel, 0, -1] = 1
        kernel[channel, (channel + 1) % 3, -1, 0] = -1
    return kernel / np.abs(kernel).sum(axis=(1, 2, 3), keepdims=True)


def _toy_graph(convolutions: int) -> bytes:
    """image + strength * (convolved blocks - image), so that tiles must keep to the multiple."""
    from onnx import TensorProto, helper

    def constant(name: str, values: np.ndarray, kind: int) -> object:
        return helper.make_tensor(name, kind, values.shape, values.flatten().tolist())

    kernel = TensorProto(name="kernel", data_type=TensorProto.FLOAT, dims=[3, 3, KERNEL, KERNEL])
    kernel.data_location = TensorProto.EXTERNAL
    kernel.external_data.add(key="location", value=WEIGHTS)
    half = KERNEL // 2
    nodes = [
        helper.make_node(
            "AveragePool", ["image"], ["small"], kernel_shape=[4, 4], strides=[MULTIPLE, MULTIPLE]
        ),
        helper.make_node("Resize", ["small", "", "up"], ["x0"], mode="nearest"),
    ]
    for i in range(convolutions):
        nodes += [
            helper.make_node("Pad", [f"x{i}", "pads"], [f"p{i}"], mode="reflect"),
            helper.make_node("Conv", [f"p{i}", "kernel"], [f"x{i + 1}"]),
        ]
    nodes += [
        helper.make_node("Sub", [f"x{convolutions}", "image"], ["change"]),
        helper.make_node("Mul", ["change", "strength"], ["part"]),
        helper.make_node("Add", ["image", "part"], ["drawn"]),
    ]
    shape = ["N", 3, "H", "W"]
    graph = helper.make_graph(
        nodes,
        "toy",
        [
            helper.make_tensor_value_info("image", TensorProto.FLOAT, shape),
            helper.make_tensor_value_info("strength", TensorProto.FLOAT, []),
        ],
        [helper.make_tensor_value_info("drawn", TensorProto.FLOAT, shape)],
        [
            kernel,
            constant("pads", np.array([0, 0, half, half, 0, 0, half, half]), TensorProto.INT64),
            constant("up", np.array([1.0, 1, MULTIPLE, MULTIPLE]), TensorProto.FLOAT),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return model.SerializeToString()


# A model card, with what is for model hubs before it.
CARD = """---
license: apache-2.0
---

# Toy

![A photo and its drawing](preview.png)
"""


@pytest.fixture(scope="session")
def make_toy_style(tmp_path_factory) -> Callable[..., Path]:
    """Write a style folder; arguments: the style's name, its working short side, its `auto`."""

    def make(name: str = "toy", working_short_side: int = 64, auto: str = "guided") -> Path:
        folder = tmp_path_factory.mktemp("styles") / name
        folder.mkdir()
        qualities = {}
        for convolutions, quality in enumerate(QUALITIES, start=1):
            (folder / f"{quality}.onnx").write_bytes(_toy_graph(convolutions))
            radius = radius_px(convolutions)
            qualities[quality] = Quality(
                f"{quality}.onnx", "euler", convolutions, 1, radius, BYTES_PER_PIXEL
            )
        (folder / WEIGHTS).write_bytes(_toy_kernel().tobytes())
        Image.new("RGB", (32, 16), "white").save(folder / "preview.png")
        (folder / "README.md").write_text(CARD, encoding="utf-8")
        style = Style(
            folder=folder,
            name=name,
            version="1.0.0",
            title="Toy",
            description="One kernel over blocks of pixels.",
            license="Apache-2.0",
            generator={"name": "toy", "config": {}, "parameters": 3 * 3 * KERNEL * KERNEL},
            method="none",
            input_multiple=MULTIPLE,
            fixed_size=None,
            normalization="local",
            strength="blend",
            scale=Scale(working_short_side, auto),
            qualities=qualities,
            training={"data": "none", "split_sha256": "", "steps": 0, "hours": 0.0},
            limits=("It draws nothing.",),
        )
        write_style_json(folder, style)
        return folder

    return make


@pytest.fixture(scope="session")
def toy_style(make_toy_style) -> Path:
    """The folder of a style named `toy`, drawn for a short side of 64 px."""
    return make_toy_style()


def _global_graph() -> bytes:
    """A normalization over the whole picture: each channel to a mean of 0 and a deviation of 0.4.

    By the picture's own statistics, or those given: image + strength * (normalized - image).
    """
    from onnx import TensorProto, helper

    def constant(name: str, values: list[float]) -> object:
        return helper.make_tensor(name, TensorProto.FLOAT, [len(values)], values)

    def value(name: str, *shape: object) -> object:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    make = helper.make_node
    nodes = [
        make("ReduceMean", ["image", "sides"], ["mean"], keepdims=1),
        make("Sub", ["image", "mean"], ["centered"]),
        make("Mul", ["centered", "centered"], ["squares"]),
        make("ReduceMean", ["squares", "sides"], ["variance"], keepdims=1),
        make("Concat", ["mean", "variance"], ["both"], axis=1),
        make("Reshape", ["both", "flat"], ["measured_norm_stats"]),
        make("Sub", ["norm_stats", "measured_norm_stats"], ["apart"]),
        make("Mul", ["apart", "norm_mix"], ["moved"]),
        make("Add", ["measured_norm_stats", "moved"], ["used"]),
        make("Reshape", ["used", "broad"], ["statistics"]),
        make("Split", ["statistics"], ["m", "v"], axis=1, num_outputs=2),
        make("Sub", ["image", "m"], ["c"]),
        make("Add", ["v", "epsilon"], ["ve"]),
        make("Sqrt", ["ve"], ["deviation"]),
        make("Div", ["c", "deviation"], ["unit"]),
        make("Mul", ["unit", "contrast"], ["normalized"]),
        make("Conv", ["normalized", "kernel"], ["kept"]),
        make("Sub", ["kept", "image"], ["change"]),
        make("Mul", ["change", "strength"], ["part"]),
        make("Add", ["image", "part"], ["drawn"]),
    ]
    kernel = TensorProto(name="kernel", data_type=TensorProto.FLOAT, dims=[3, 3, 1, 1])
    kernel.data_location = TensorProto.EXTERNAL
    kernel.external_data.add(key="location", value=WEIGHTS)
    graph = helper.make_graph(
        nodes,
        "toy_global",
        [
            value("image", "N", 3, "H", "W"),
            value("strength"),
            value("norm_stats", "N", 6),
            value("norm_mix"),
        ],
        [value("drawn", "N", 3, "H", "W"), value("measured_norm_stats", "N", 6)],
        [
            kernel,
            helper.make_tensor("sides", TensorProto.INT64, [2], [2, 3]),
            helper.make_tensor("flat", TensorProto.INT64, [2], [0, 6]),
            helper.make_tensor("broad", TensorProto.INT64, [4], [0, 6, 1, 1]),
            constant("epsilon", [1e-5]),
            constant("contrast", [0.4]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return model.SerializeToString()


@pytest.fixture(scope="session")
def toy_global_style(make_toy_style) -> Path:
    """The folder of a style named `even`, which normalizes over the whole picture."""
    folder = make_toy_style("even", auto="native")
    for quality in QUALITIES:
        (folder / f"{quality}.onnx").write_bytes(_global_graph())
    (folder / WEIGHTS).write_bytes(np.eye(3, dtype=np.float32).tobytes())
    write_style_json(folder, replace(load_style(folder, verify=False), normalization="global"))
    return folder


@pytest.fixture
def press_ctrl_c() -> Callable[[], None]:
    """Send SIGINT to this process, which must be listening: to one that is not, it is the end."""

    def press() -> None:
        assert threading.current_thread() is threading.main_thread()
        assert signal.getsignal(signal.SIGINT) not in (signal.SIG_DFL, signal.default_int_handler)
        signal.raise_signal(signal.SIGINT)

    return press
