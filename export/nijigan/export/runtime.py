"""ONNX Runtime, told to keep quiet: a tool that draws pictures reports on no one.

Without the variable, onnxruntime writes a device id into the user's cache folder when it is
imported, and looks up its maker's server while it runs. `disable_telemetry_events()` is too late.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime as onnxruntime
from numpy.typing import NDArray


def run_graph(
    session: onnxruntime.InferenceSession, image: NDArray[np.float32], strength: float
) -> NDArray[np.float32]:
    """Return what a style's graph draws of `image`, `(N, 3, H, W)`, by its own statistics."""
    inputs = {"image": image, "strength": np.array(strength, np.float32)}
    for value in session.get_inputs():
        if value.name == "norm_stats":
            inputs["norm_stats"] = np.zeros((len(image), *value.shape[1:]), np.float32)
            inputs["norm_mix"] = np.array(0, np.float32)
    drawn: NDArray[np.float32] = session.run(["drawn"], inputs)[0]
    return drawn
