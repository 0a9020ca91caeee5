"""OpenVINO on the CPU."""

from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino.frontend import FrontEndManager

from nijigan.core.errors import EngineError, OutOfMemoryError
from nijigan.export.feed import feed
from nijigan.server.cancel import Cancel
from nijigan.server.engines.graph_engine import GraphEngine
from nijigan.server.engines.out_of_memory import is_out_of_memory

F32 = NDArray[np.float32]

_TYPES = {"fp32": "f32", "bf16": "bf16"}


# The one of this process, which stays to its end; threads that load graphs at once share it. With
# each that compiles for the CPU, OpenVINO (2026.4) gives the thread another stack for its signals,
# and when it goes, the one before: which may be gone too. The next signal, such as Ctrl-C, is then
# the end of the process, without a word.
_CORE = openvino.Core()


class OpenVinoEngine(GraphEngine):
    """One graph, compiled for the CPU.

    Args:
        graph: of a style.
        threads: all physical cores where None.
        precision: what what is float32 in the graph is computed in, `fp32` or `bf16`.
    """

    def __init__(self, graph: Path, threads: int | None = None, precision: str = "fp32") -> None:
        self.name = "openvino" if precision == "fp32" else f"openvino:{precision}"
        # Left to itself it computes in bfloat16 where the processor has it, and says nothing.
        self._options: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": _TYPES[precision],
        }
        if threads:
            self._options["INFERENCE_NUM_THREADS"] = threads
        try:
            # Asked to find out itself, OpenVINO tries TensorFlow's reader too, which is loud.
            reader = FrontEndManager().load_by_framework("onnx")
            self._model = reader.convert(reader.load(graph))
            self._compiled = self._compile()
            runs = self._compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        except Exception as error:  # what its reader raises is no RuntimeError
            raise EngineError(
                f"OpenVINO cannot load {graph}: {_gist(error)}", "Export the style again."
            ) from error
        if runs != _TYPES[precision]:
            raise EngineError(
                f"OpenVINO computes in {runs} here, not in {precision}: the processor has none.",
                "Use openvino:fp32.",
            )
        self._stats_numbers = {
            value.any_name: value.partial_shape[1].get_length()
            for value in self._compiled.inputs
            if value.any_name == "norm_stats"
        }.get("norm_stats")

    def _compile(self) -> Any:
        return _CORE.compile_model(self._model, "CPU", self._options)

    def _fetch(
        self, output: str, image: F32, strength: float, cancel: Cancel, norm_stats: F32 | None
    ) -> F32:
        inputs = feed(image, strength, self._stats_numbers, norm_stats)
        cancel.raise_if_set()
        request = self._compiled.create_infer_request()
        with cancel.on_set(request.cancel):
            try:
                request.start_async(inputs, share_inputs=True)
                request.wait()
            except RuntimeError as error:
                # 2026.4 tells the next run of this failure once more, whatever that run is of.
                self._compiled = self._compile()
                cancel.raise_if_set()
                kind = OutOfMemoryError if is_out_of_memory(error) else EngineError
                raise kind(
                    f"OpenVINO failed on a picture of {image.shape[3]}x{image.shape[2]}: "
                    f"{_gist(error)}",
                    "Try a smaller picture, or report it with the style's name.",
                ) from error
        cancel.raise_if_set()
        # The request goes when this returns, and its tensors with it.
        return np.array(request.get_tensor(output).data, np.float32)


def _gist(error: Exception) -> str:
    """Return the last line that says something: the first ones are where in its sources it was."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
