"""The small networks that find faces and people, run by ONNX Runtime on the CPU.

They are Google's, from MediaPipe (Apache-2.0); `scripts/convert_face_networks.py` made the graphs,
and THIRD_PARTY.md has their sources and hashes.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.export.runtime import onnxruntime as ort

F32 = NDArray[np.float32]

_FATAL = 4  # ONNX Runtime's severities


class Network:
    """One of the graphs in `nijigan/server/data`; any number of threads may run it.

    One thread computes: a run takes 1 to 10 ms, which is less than what waking others would save.
    """

    def __init__(self, name: str) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = _FATAL
        graph = (Path(__file__).parent.parent / "data" / name).read_bytes()
        self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        (self._input,) = (value.name for value in self._session.get_inputs())

    def run(self, x: F32) -> list[F32]:
        """Return the outputs for `x`, `(1, 3, H, W)` of the graph's own H and W."""
        outputs: list[F32] = self._session.run(None, {self._input: x})
        return outputs
