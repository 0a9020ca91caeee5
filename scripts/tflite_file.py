"""Reads a TensorFlow Lite file: its graph and its weights, with numpy alone.

The file is a FlatBuffer (https://flatbuffers.dev/internals) of the schema
tensorflow/lite/schema/schema.fbs; the numbers of fields below are the order of that schema.
"""

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
DTYPES = {0: np.float32, 1: np.float16, 2: np.int32, 3: np.uint8, 4: np.int64}
# The operators that the networks here have, by their number in the schema.
OPERATORS = {
    0: "ADD",
    1: "AVERAGE_POOL_2D",
    2: "CONCATENATION",
    3: "CONV_2D",
    4: "DEPTHWISE_CONV_2D",
    6: "DEQUANTIZE",
    14: "LOGISTIC",
    17: "MAX_POOL_2D",
    18: "MUL",
    19: "RELU",
    22: "RESHAPE",
    23: "RESIZE_BILINEAR",
    32: "CUSTOM",
    34: "PAD",
    117: "HARD_SWISH",
}


@dataclass(frozen=True)
class Table:
    """A table of a FlatBuffer: fields by number, each absent or at an offset."""

    data: bytes
    start: int

    def offset(self, field: int) -> int:
        """Return where a field is; 0 where it is absent, which means its default."""
        vtable = self.start - _read("<i", self.data, self.start)
        if 4 + 2 * field >= _read("<H", self.data, vtable):
            return 0
        relative = _read("<H", self.data, vtable + 4 + 2 * field)
        return relative and self.start + relative

    def number(self, field: int, kind: str = "<i", default: int = 0) -> int:
        """Return a number; `kind` as `struct` says it."""
        at = self.offset(field)
        return _read(kind, self.data, at) if at else default

    def table(self, field: int) -> "Table":
        """Return a table that a field points to."""
        return self._pointed(self.offset(field))

    def tables(self, field: int) -> list["Table"]:
        """Return a vector of tables."""
        at, count = self._vector(field)
        return [self._pointed(at + 4 * i) for i in range(count)]

    def numbers(self, field: int, kind: Any = np.int32) -> Array:
        """Return a vector of numbers; empty where it is absent."""
        at, count = self._vector(field)
        return np.frombuffer(self.data, kind, count, at) if count else np.empty(0, kind)

    def text(self, field: int) -> str:
        """Return a string."""
        return self.numbers(field, np.uint8).tobytes().decode()

    def _pointed(self, at: int) -> "Table":
        return Table(self.data, at + _read("<I", self.data, at))

    def _vector(self, field: int) -> tuple[int, int]:
        at = self.offset(field)
        if not at:
            return 0, 0
        start = at + _read("<I", self.data, at)
        return start + 4, _read("<I", self.data, start)


@dataclass(frozen=True)
class Tensor:
    """values: None where it is computed. Shapes are N, H, W, C."""

    name: str
    shape: tuple[int, ...]
    values: Array | None


@dataclass(frozen=True)
class Operator:
    """inputs, outputs: numbers of tensors. options: of the operator's own table of the schema."""

    kind: str
    inputs: list[int]
    outputs: list[int]
    options: Table | None
    custom: bytes


@dataclass(frozen=True)
class Graph:
    """The one graph of a file."""

    tensors: list[Tensor]
    operators: list[Operator]
    inputs: list[int]
    outputs: list[int]


def read_graph(data: bytes) -> Graph:
    """Read the content of a .tflite file."""
    model = Table(data, _read("<I", data, 0))
    (graph,) = model.tables(2)
    buffers = model.tables(4)
    kinds = [_kind(code) for code in model.tables(1)]
    return Graph(
        [_tensor(tensor, buffers) for tensor in graph.tables(0)],
        [_operator(operator, kinds) for operator in graph.tables(3)],
        graph.numbers(1).tolist(),
        graph.numbers(2).tolist(),
    )


def _kind(code: Table) -> str:
    number = max(code.number(0, "<b"), code.number(3))  # old files have the first, new ones both
    return code.text(1) if OPERATORS[number] == "CUSTOM" else OPERATORS[number]


def _operator(operator: Table, kinds: list[str]) -> Operator:
    return Operator(
        kinds[operator.number(0, "<I")],
        operator.numbers(1).tolist(),
        operator.numbers(2).tolist(),
        operator.table(4) if operator.offset(4) else None,
        operator.numbers(5, np.uint8).tobytes(),
    )


def _tensor(tensor: Table, buffers: list[Table]) -> Tensor:
    shape = tuple(tensor.numbers(0).tolist())
    dtype = DTYPES[tensor.number(1, "<b")]
    raw = buffers[tensor.number(2, "<I")].numbers(0, np.uint8)
    values = raw.view(dtype).reshape(shape) if raw.size else None
    return Tensor(tensor.text(3), shape, values)


def _read(kind: str, data: bytes, at: int) -> int:
    value: int = struct.unpack_from(kind, data, at)[0]
    return value
