"""Writes a generator as ONNX graphs, one for each quality, that share one file of weights."""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import AttributeProto, ModelProto, TensorProto
from torch import Tensor, nn
from torch.export import Dim

from nijigan.core.errors import ExportError
from nijigan.core.models import Generator
from nijigan.core.ode import Solver
from nijigan.export.operators import engines
from nijigan.export.quantize import quantized
from nijigan.export.reduced import DTYPES, Reduced
from nijigan.export.shared_statistics import (
    SharedStatistics,
    example_sides,
    looks_at_everything,
)
from nijigan.export.style import WEIGHTS
from nijigan.export.unroll import unroll

OPSET = 18
_OPSET_OF_BF16 = 22
"""The first in which a convolution may be of bfloat16."""

_SHARED_FROM = 256
"""Bytes from which a tensor goes to the weights file; smaller ones stay in the graph."""
_ALIGNMENT = 64
"""Offset multiple in the weights file, a cache line, so that engines may map it."""


def onnx_from_torch(
    generator: Generator,
    solver: Solver,
    precision: str = "fp32",
    calibration: Sequence[NDArray[np.float32]] = (),
) -> ModelProto:
    """Return the generator as an ONNX model with its solver's steps unrolled.

    Inputs `image`, float32 `(N, 3, H, W)` with any N and any H and W that are multiples of the
    generator's (a generator of one size has that), and `strength`, float32 scalar; output `drawn`,
    shaped as `image`. Where the generator looks at the whole picture, two more inputs `norm_stats`
    and `norm_mix` and one more output `measured_norm_stats`: see `SharedStatistics.forward`.

    Args:
        generator: any state; it is not changed.
        solver: with fixed steps.
        precision: what the graph computes in; what goes in and out is float32.
        calibration: for int8, pictures as `image`.

    Raises:
        ExportError: an adaptive solver, or an operator that not every engine has. Of int8 graphs
            Unity's engine has none.
    """
    network = unroll(generator, solver)
    if precision in DTYPES:
        network = Reduced(network, DTYPES[precision])
    image_shape: dict[int, Any] = {0: Dim("N")}
    if network.fixed_size is None:
        multiple = network.input_multiple
        image_shape |= {2: multiple * Dim("H"), 3: multiple * Dim("W")}
    example: tuple[Tensor, ...] = (torch.zeros(2, 3, *example_sides(network)), torch.tensor(1.0))
    shapes: dict[str, Any] = {"image": image_shape, "strength": {}}
    outputs = ["drawn"]
    traced: nn.Module = network
    if looks_at_everything(network):
        traced = shared = SharedStatistics(network)
        example += (torch.zeros(2, shared.numbers), torch.tensor(0.0))
        shapes |= {"norm_stats": {0: image_shape[0]}, "norm_mix": {}}
        outputs.append("measured_norm_stats")
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            traced,
            example,
            dynamo=True,
            input_names=list(shapes),
            output_names=outputs,
            dynamic_shapes=tuple(shapes.values()),
            opset_version=_OPSET_OF_BF16 if precision == "bf16" else OPSET,
            optimize=True,
            verbose=False,
        )
    if program is None:
        raise ExportError("torch returned no ONNX program.", "Report this with the generator used.")
    model = program.model_proto
    if precision == "int8":
        model = quantized(model, calibration)
    _plain(model)
    _check_operators(model, spared=("Unity's inference engine",) if precision == "int8" else ())
    return model


def write_graphs(models: Mapping[str, ModelProto], folder: Path) -> None:
    """Write `folder/NAME.onnx` for each model and one `weights.bin` that all of them name.

    Equal tensors are stored once: the qualities of a style differ in how often they use the same
    weights.
    """
    offsets: dict[bytes, int] = {}
    blob = bytearray()
    for model in models.values():
        for tensor in _large_tensors(model):
            data = tensor.raw_data
            if data not in offsets:
                blob.extend(bytes(-len(blob) % _ALIGNMENT))
                offsets[data] = len(blob)
                blob.extend(data)
            _point_outside(tensor, offsets[data], len(data))
    (folder / WEIGHTS).write_bytes(blob)
    for name, model in models.items():
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
        onnx.checker.check_model(str(folder / f"{name}.onnx"))


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop the exporter's remarks about packages that are not needed."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _plain(model: ModelProto) -> None:
    """Drop what says on which machine and from which source lines the graph came."""
    model.doc_string = ""
    model.graph.ClearField("value_info")
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for tensor in model.graph.initializer:
        tensor.doc_string = ""
        del tensor.metadata_props[:]
    for value in (*model.graph.input, *model.graph.output):
        value.doc_string = ""
        del value.metadata_props[:]
    model.graph.name = "generator"
    model.producer_name = "nijigan"
    model.producer_version = ""


def _check_operators(model: ModelProto, spared: Sequence[str]) -> None:
    used = {node.op_type for node in model.graph.node}
    for engine in engines():
        if engine.name in spared:
            continue
        if lacking := engine.lacks(used):
            raise ExportError(
                f"The graph needs {', '.join(lacking)}, which {engine} does not take.",
                "Build the network from what all engines of operators.toml take.",
            )


def _large_tensors(model: ModelProto) -> Iterator[TensorProto]:
    for tensor in model.graph.initializer:
        # Sizes, which are int64, are needed before weights are read.
        if tensor.data_type != TensorProto.INT64 and len(tensor.raw_data) >= _SHARED_FROM:
            yield tensor
    for node in model.graph.node:
        if any(attribute.type == AttributeProto.GRAPH for attribute in node.attribute):
            raise ExportError(f"The graph has control flow ({node.op_type}).", "Unroll every loop.")


def _point_outside(tensor: TensorProto, offset: int, length: int) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    del tensor.external_data[:]
    for key, value in (("location", WEIGHTS), ("offset", str(offset)), ("length", str(length))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
