"""Which engine runs styles, and why that one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nijigan.core.errors import EngineError, MissingExtraError
from nijigan.server.cancel import Cancel
from nijigan.server.engines import check_engine, open_graph
from nijigan.server.engines.providers import present

AUTO = "auto"
_LAST = "onnxruntime"
# One convolution, to see that something is computed.
_PROBE = Path(__file__).parent.parent / "data" / "conv256.onnx"


@dataclass(frozen=True)
class Choice:
    """An engine, and why it was chosen, for the log."""

    engine: str
    why: str


def choose_engine(wanted: str) -> Choice:
    """Return the engine that was asked for; for `auto`, a GPU's where one works.

    TensorRT comes first, then ONNX Runtime with what it was built for in the order of `PROVIDERS`,
    and at last on the CPU. Each computes a convolution before it is taken.

    Raises:
        UsageError: no engine of that name.
    """
    if wanted != AUTO:
        check_engine(wanted)
        return Choice(wanted, "it was asked for")
    refused = []
    for engine in ("tensorrt", *(f"{_LAST}:{provider}" for provider in present())):
        if engine == f"{_LAST}:cpu":
            break
        try:
            try_engine(engine)
        except (EngineError, MissingExtraError) as error:
            refused.append(f"{engine}: {error.message}")
        else:
            return Choice(engine, "it is the first GPU's that works here")
    return Choice(_LAST, f"no GPU's works here ({' '.join(refused)})")


def try_engine(engine: str) -> None:
    """Let an engine compute a convolution.

    Raises:
        UsageError, EngineError, MissingExtraError: as `open_graph`, and what running it raises.
    """
    open_graph(_PROBE, engine).run(np.zeros((1, 256, 64, 64), np.float32), 1.0, Cancel())
