"""Gives a loaded engine the weights of another graph of the same network."""

from pathlib import Path
from typing import Any

from nijigan.core.errors import ExportError
from nijigan.export.tensorrt.build import log_of
from nijigan.export.tensorrt.library import Library


def refit(engine: Any, graph: Path, library: Library) -> None:
    """Replace the weights of an engine: seconds where building takes minutes.

    Args:
        engine: an `ICudaEngine` that was built with `refittable`.
        graph: the ONNX file of a later checkpoint, of the same network, solver and precision.
        library: what built the engine.

    Raises:
        ExportError: the engine does not take them.
    """
    trt = library.classes
    log = log_of(trt)
    refitter = trt.Refitter(engine, log)
    parser = trt.OnnxParserRefitter(refitter, log)
    if not parser.refit_from_file(str(graph)) or not refitter.refit_cuda_engine():
        said = "; ".join(log.lines[-3:]) or "it did not say why"
        raise ExportError(
            f"{library.name} {library.version}: the weights of {graph.name} do not fit ({said}).",
            "Build the engine anew.",
        )
