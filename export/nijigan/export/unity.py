"""Writes a style for Unity's inference engine (the package com.unity.ai.inference).

    <out>/<style>_<quality>.onnx, Stylize.cs, README.md

Graphs are of opset 15, the newest that the package's documentation promises, with their weights
within. Compared with the style's own in ONNX Runtime; Unity's editor was not run.
"""

from importlib import resources
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto

from nijigan.core.errors import CheckFailedError, ExportError
from nijigan.export.folder import new_folder
from nijigan.export.older_opset import OPSET, in_older_opset
from nijigan.export.operators import engines
from nijigan.export.runtime import onnxruntime, open_session, run_graph
from nijigan.export.style import Style

ENGINE = "Unity's inference engine"
_RESIZE_MODES = (b"nearest", b"linear")
"""What its importer takes; anything else becomes `nearest`, with a warning."""
_MOST_DIFFERENCE = 1e-5


def write_unity(style: Style, out: Path) -> list[Path]:
    """Write the graphs, a script that draws with them, and what to do with both.

    Returns:
        the graphs.

    Raises:
        ExportError: the engine would not import a graph, or import it as something else.
        CheckFailedError: a graph draws something else than the style's.
        OutputError: `out` cannot be written, or is something else.
    """
    with new_folder(out, mark="Stylize.cs") as folder:
        for quality, file in style.distinct().items():
            model = _converted(style.folder / file)
            _compare(style, quality, model)
            onnx.save(model, str(folder / f"{style.name}_{quality}.onnx"))
        script = resources.files("nijigan.export") / "data" / "Stylize.cs"
        (folder / "Stylize.cs").write_text(script.read_text("utf-8"), encoding="utf-8")
        (folder / "README.md").write_text(_readme(style), encoding="utf-8")
    return [out / f"{style.name}_{quality}.onnx" for quality in style.distinct()]


def _converted(graph: Path) -> ModelProto:
    """Return the graph in the older opset, and refuse what the importer does not take."""
    model = onnx.load(str(graph))
    engine = next(engine for engine in engines() if engine.name == ENGINE)
    if lacking := engine.lacks({node.op_type for node in model.graph.node}):
        raise ExportError(
            f"{graph.name} needs {', '.join(lacking)}, which {engine} does not take.",
            "Export the style in fp32 or fp16.",
        )
    resizes = [node for node in model.graph.node if node.op_type == "Resize"]
    for mode in (a.s for node in resizes for a in node.attribute if a.name == "mode"):
        if mode not in _RESIZE_MODES:
            raise ExportError(
                f"{graph.name} resizes by {mode.decode()}, which {engine} does not.",
                "Use a network that enlarges by nearest or linear.",
            )
    keep_own_statistics(model)
    return in_older_opset(model)


def keep_own_statistics(model: ModelProto) -> None:
    """Leave the picture's own statistics alone to draw by: inputs for others become constants."""
    for value in [v for v in model.graph.input if v.name in ("norm_stats", "norm_mix")]:
        sides = [side.dim_value or 1 for side in value.type.tensor_type.shape.dim]
        zeros = np.zeros(sides, np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(zeros, value.name))
        model.graph.input.remove(value)
    for value in [v for v in model.graph.output if v.name == "measured_norm_stats"]:
        model.graph.output.remove(value)


def _compare(style: Style, quality: str, model: ModelProto) -> None:
    side = style.fixed_size or 16 * style.input_multiple
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, side, side)).astype(np.float32)
    own = run_graph(open_session(style.graph(quality), style.precision), image, 0.7)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    difference = float(np.abs(run_graph(session, image, 0.7) - own).max())
    if not difference <= _MOST_DIFFERENCE:
        raise CheckFailedError(
            f"In opset {OPSET} the graph of '{quality}' draws something else, by {difference:.2g}.",
            "Report this with the style.",
        )


def _readme(style: Style) -> str:
    size = (
        f"{style.fixed_size}x{style.fixed_size} pixels alone"
        if style.fixed_size
        else f"pictures whose sides are multiples of {style.input_multiple} pixels"
    )
    return f"""# {style.title} {style.version} for Unity

1. Install the package `com.unity.ai.inference` 2.4 or newer (Package Manager, by name).
2. Put this folder under `Assets/`. Unity imports each `.onnx` as a model asset.
3. Add `Stylize` to a GameObject, and give it a model asset, a source texture and a target render
   texture of the same size. The graphs take {size}.

`Stylize.Draw()` draws at `strength` from 0, the photo, to 1. The graphs are of opset {OPSET}, and
equal the style's own in ONNX Runtime; they have not been run in Unity.

License of the weights: {style.license}.
"""
