"""What runs a style's graphs."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import UsageError
from nijigan.core.lazy import needs_extra
from nijigan.core.nearest import did_you_mean
from nijigan.export.style import Style
from nijigan.server.cancel import Cancel

ENGINES = ("onnxruntime", "openvino")


class Engine(Protocol):
    """A loaded graph of one style and quality. Any number of threads may call `run`."""

    name: str

    def run(
        self,
        image: NDArray[np.float32],
        strength: float,
        cancel: Cancel,
        norm_stats: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Draw `image`: `(N, 3, H, W)` in [-1, 1], H and W multiples of the style's multiple.

        Returns the same shape. Setting `cancel` from another thread ends a run that is under way.
        A style with global normalization uses the statistics of `image`, or `norm_stats`, which
        `measure` has returned for another picture.

        Raises:
            CancelledError: `cancel` was set.
            EngineError: the engine failed.
        """
        ...

    def measure(
        self, image: NDArray[np.float32], strength: float, cancel: Cancel
    ) -> NDArray[np.float32]:
        """Return the statistics by which a style with global normalization draws `image`.

        Raises:
            CancelledError, EngineError: as `run`.
        """
        ...


def open_engine(
    style: Style, quality: str, engine: str = "onnxruntime", threads: int | None = None
) -> Engine:
    """Load the graph of one style and quality. `threads`: all physical cores where None.

    Raises:
        UsageError: no engine of that name.
        MissingExtraError: the engine is not installed.
        EngineError: the engine could not load the graph.
    """
    return open_graph(style.graph(quality), engine, threads)


def open_graph(path: Path, engine: str, threads: int | None = None) -> Engine:
    """Load an ONNX file that has the inputs and the output of a style's graph."""
    if engine not in ENGINES:
        raise UsageError(f"No engine is named {engine!r}.", did_you_mean(engine, ENGINES))
    if engine == "openvino":
        with needs_extra("openvino"):
            from nijigan.server.engines.openvino import OpenVinoEngine

            return OpenVinoEngine(path, threads)
    from nijigan.server.engines.onnxruntime import OnnxRuntimeEngine

    return OnnxRuntimeEngine(path, threads)
