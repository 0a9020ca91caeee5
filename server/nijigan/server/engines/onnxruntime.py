"""ONNX Runtime, on the CPU or what else it was built for."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import EngineError, OutOfMemoryError
from nijigan.export.feed import feed
from nijigan.export.runtime import onnxruntime as ort
from nijigan.server.cancel import Cancel
from nijigan.server.engines.graph_engine import GraphEngine
from nijigan.server.engines.out_of_memory import is_out_of_memory
from nijigan.server.engines.plugin_provider import plugin_devices
from nijigan.server.engines.providers import is_built_in, provider_name

_FATAL = 4  # ONNX Runtime's severities: its own lines on stderr would double our one

F32 = NDArray[np.float32]


class OnnxRuntimeEngine(GraphEngine):
    """One graph in one ONNX Runtime session.

    Args:
        graph: of a style.
        threads: of the CPU; all physical cores where None.
        provider: what runs it, one of `PROVIDERS`.
    """

    def __init__(self, graph: Path, threads: int | None = None, provider: str = "cpu") -> None:
        self.name = "onnxruntime" if provider == "cpu" else f"onnxruntime:{provider}"
        self._has_arena = provider == "cpu"
        wanted = provider_name(provider)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or 0
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = _FATAL
        try:
            self._session = _session(graph, options, provider, wanted)
        except EngineError:
            raise
        except Exception as error:  # its exceptions have no common base but Exception
            raise EngineError(
                f"ONNX Runtime cannot load {graph}: {_first_line(error)}", "Export the style again."
            ) from error
        # A provider that finds no device makes way for the CPU without an error.
        if (runs := self._session.get_providers()[0]) != wanted:
            raise EngineError(
                f"ONNX Runtime's provider {provider!r} does not run here; {runs} would.",
                "Look for its device and driver, or use the engine onnxruntime.",
            )
        shapes = {value.name: value.shape for value in self._session.get_inputs()}
        self._stats_numbers = shapes["norm_stats"][1] if "norm_stats" in shapes else None

    def _fetch(
        self, output: str, image: F32, strength: float, cancel: Cancel, norm_stats: F32 | None
    ) -> F32:
        options = ort.RunOptions()
        options.log_severity_level = _FATAL
        if self._has_arena:  # what a large picture took would be kept for good; costs no time
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

        def terminate() -> None:
            options.terminate = True

        inputs = feed(image, strength, self._stats_numbers, norm_stats)
        cancel.raise_if_set()
        with cancel.on_set(terminate):
            try:
                (result,) = self._session.run([output], inputs, options)
            except Exception as error:
                cancel.raise_if_set()
                kind = OutOfMemoryError if is_out_of_memory(error) else EngineError
                raise kind(
                    f"ONNX Runtime failed on a picture of {image.shape[3]}x{image.shape[2]}: "
                    f"{_first_line(error)}",
                    "Try a smaller picture, or report it with the style's name.",
                ) from error
        return np.asarray(result, np.float32)


def _session(
    graph: Path, options: ort.SessionOptions, provider: str, wanted: str
) -> ort.InferenceSession:
    if is_built_in(provider):
        return ort.InferenceSession(graph, options, [wanted])
    options.add_provider_for_devices(plugin_devices(provider, wanted)[:1], {})
    return ort.InferenceSession(graph, options)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
