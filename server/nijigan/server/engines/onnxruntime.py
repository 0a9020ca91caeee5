"""ONNX Runtime on the CPU."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import EngineError
from nijigan.export.runtime import onnxruntime as ort
from nijigan.server.cancel import Cancel

_FATAL = 4  # ONNX Runtime's severities: its own lines on stderr would double our one


class OnnxRuntimeEngine:
    """One graph in one ONNX Runtime session."""

    name = "onnxruntime"

    def __init__(self, graph: Path, threads: int | None = None) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = _FATAL
        try:
            self._session = ort.InferenceSession(graph, options, ["CPUExecutionProvider"])
        except Exception as error:  # its exceptions have no common base but Exception
            raise EngineError(
                f"ONNX Runtime cannot load {graph}: {_first_line(error)}", "Export the style again."
            ) from error

    def run(
        self, image: NDArray[np.float32], strength: float, cancel: Cancel
    ) -> NDArray[np.float32]:
        """See `Engine.run`."""
        options = ort.RunOptions()
        options.log_severity_level = _FATAL

        def terminate() -> None:
            options.terminate = True

        feed = {"image": image, "strength": np.array(strength, np.float32)}
        cancel.raise_if_set()
        with cancel.on_set(terminate):
            try:
                (drawn,) = self._session.run(["drawn"], feed, options)
            except Exception as error:
                cancel.raise_if_set()
                raise EngineError(
                    f"ONNX Runtime failed on a picture of {image.shape[3]}x{image.shape[2]}: "
                    f"{_first_line(error)}",
                    "Try a smaller picture, or report it with the style's name.",
                ) from error
        return np.asarray(drawn, np.float32)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
