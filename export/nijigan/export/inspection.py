"""Looks into a style's graphs without running them: what is in them, and who can run them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import onnx
from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto

from nijigan.export.operators import engines
from nijigan.export.style import QUALITIES, Style


@dataclass(frozen=True)
class GraphFacts:
    """One graph, and the qualities that it draws."""

    file: str
    qualities: tuple[str, ...]
    opset: int
    nodes: int
    operators: Mapping[str, int]
    """How many nodes there are of each, the most frequent first."""
    parameters: int
    """Numbers of floating point that are kept, in the graph or beside it."""
    weights: tuple[str, ...]
    """Types of those: float32, float16, bfloat16, …"""
    bytes: int
    """Of the file, without what it keeps in weights.bin."""
    inputs: Mapping[str, str]
    """Type and shape of each, `float32 (N, 3, 4*H, 4*W)`."""
    outputs: Mapping[str, str]
    radius_px: int
    evaluations: int


@dataclass(frozen=True)
class EngineVerdict:
    """Whether an engine takes all graphs, by the operators that it is known to take."""

    engine: str
    version: str
    source: str
    lacking: tuple[str, ...]
    """Operators of the graphs that it does not take; none: it can run the style."""


@dataclass(frozen=True)
class Inspection:
    """What is in a style."""

    style: str
    version: str
    weights_bytes: int
    graphs: tuple[GraphFacts, ...]
    engines: tuple[EngineVerdict, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def inspect_style(style: Style) -> Inspection:
    """Read every graph of a style, whose files have been verified when it was loaded.

    Whether an engine can run it is told from lists of operators, not from running it: an option of
    an operator can still be refused.
    """
    files = dict.fromkeys(style.qualities[quality].file for quality in QUALITIES)
    graphs = tuple(_facts(style, file) for file in files)
    used = {name for graph in graphs for name in graph.operators}
    return Inspection(
        style=style.name,
        version=style.version,
        weights_bytes=(style.folder / "weights.bin").stat().st_size,
        graphs=graphs,
        engines=tuple(
            EngineVerdict(engine.name, engine.version, engine.source, tuple(engine.lacks(used)))
            for engine in engines()
        ),
    )


def _facts(style: Style, file: str) -> GraphFacts:
    path = style.folder / file
    model: ModelProto = onnx.load(str(path), load_external_data=False)
    qualities = tuple(q for q in QUALITIES if style.qualities[q].file == file)
    quality = style.qualities[qualities[0]]
    kept = [tensor for tensor in model.graph.initializer if _is_float(tensor)]
    operators = Counter(node.op_type for node in model.graph.node)
    return GraphFacts(
        file=file,
        qualities=qualities,
        opset=next(entry.version for entry in model.opset_import if not entry.domain),
        nodes=len(model.graph.node),
        operators=dict(operators.most_common()),
        parameters=sum(_size(tensor) for tensor in kept),
        weights=tuple(sorted({_type_name(tensor.data_type) for tensor in kept})),
        bytes=path.stat().st_size,
        inputs=_values(model.graph, inputs=True),
        outputs=_values(model.graph, inputs=False),
        radius_px=quality.radius_px,
        evaluations=quality.evaluations,
    )


def _values(graph: GraphProto, inputs: bool) -> dict[str, str]:
    return {value.name: _shape(value) for value in (graph.input if inputs else graph.output)}


def _shape(value: ValueInfoProto) -> str:
    tensor = value.type.tensor_type
    sides = ", ".join(side.dim_param or str(side.dim_value) for side in tensor.shape.dim)
    return f"{_type_name(tensor.elem_type)} ({sides})"


def _is_float(tensor: TensorProto) -> bool:
    return "float" in _type_name(tensor.data_type)


def _type_name(data_type: int) -> str:
    name = TensorProto.DataType.Name(data_type).lower()
    return {"float": "float32", "double": "float64"}.get(name, name)


def _size(tensor: TensorProto) -> int:
    size = 1
    for side in tensor.dims:
        size *= side
    return size
