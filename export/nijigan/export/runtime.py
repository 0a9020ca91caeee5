"""ONNX Runtime, told to keep quiet: a tool that draws pictures reports on no one.

Without the variable, onnxruntime writes a device id into the user's cache folder when it is
imported, and looks up its maker's server while it runs. `disable_telemetry_events()` is too late.
"""

import os
from pathlib import Path

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime as onnxruntime
from numpy.typing import NDArray

from nijigan.export.feed import feed


def open_session(graph: Path, precision: str = "fp32") -> onnxruntime.InferenceSession:
    """Load a style's graph on the CPU; one of bf16, which has no kernels there, in float32."""
    providers = ["CPUExecutionProvider"]
    if precision != "bf16":
        return onnxruntime.InferenceSession(str(graph), providers=providers)
    from nijigan.export.widened import widened

    return onnxruntime.InferenceSession(widened(graph), providers=providers)


def run_graph(
    session: onnxruntime.InferenceSession, image: NDArray[np.float32], strength: float
) -> NDArray[np.float32]:
    """Return what a style's graph draws of `image`, `(N, 3, H, W)`, by its own statistics."""
    numbers = {value.name: value.shape[-1] for value in session.get_inputs() if value.shape}
    inputs = feed(image, strength, numbers.get("norm_stats"))
    drawn: NDArray[np.float32] = session.run(["drawn"], inputs)[0]
    return drawn
