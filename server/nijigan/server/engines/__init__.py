"""What runs a style's graphs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import EngineError, UsageError
from nijigan.core.lazy import needs_extra
from nijigan.core.nearest import did_you_mean
from nijigan.export.style import Style
from nijigan.server.cancel import Cancel

ENGINES: Mapping[str, Sequence[str]] = {
    "onnxruntime": ("tensorrt", "tensorrt-rtx", "cuda", "directml", "coreml", "cpu"),
    "openvino": ("fp32", "bf16"),
    "tensorrt": (),
    "triton": (),
}
"""The engines and the variants of each, written `onnxruntime:cuda`: of ONNX Runtime its execution
providers, `cpu` if not said; of OpenVINO what it computes float32 graphs in, `fp32` if not said.
That of `triton` is the address of any server: `triton:HOST:PORT`."""

# Draws on another server, which has styles and no other graphs.
_REMOTE = "triton"


class Engine(Protocol):
    """A loaded graph of one style and quality. Any number of threads may call `run`."""

    name: str
    """As on the command line, with the variant that runs."""

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
        UsageError: no engine of that name, or none with that variant.
        MissingExtraError: the engine is not installed.
        EngineError: the engine could not load the graph, or has no device to run it on.
    """
    check_engine(engine)
    if style.precision == "bf16" and engine in ("onnxruntime", "onnxruntime:cpu"):
        raise EngineError(
            f"'{style.name}' computes in bf16, which ONNX Runtime has no kernels for on the CPU.",
            "Use the engine openvino or tensorrt, or a style in fp32.",
        )
    if is_remote(engine):
        from nijigan.server.engines.triton import TritonEngine

        return TritonEngine(style, quality, engine.partition(":")[2])
    return open_graph(style.graph(quality), engine, threads)


def open_graph(path: Path, engine: str, threads: int | None = None) -> Engine:
    """Load an ONNX file that has the inputs and the output of a style's graph.

    What runs is what was asked for, and nothing else: an engine that cannot is an error.
    """
    name, _, variant = engine.partition(":")
    check_engine(engine)
    if is_remote(engine):
        raise UsageError(f"{engine} draws styles that its server has, and no other graph.")
    if name == "openvino":
        with needs_extra("openvino"):
            from nijigan.server.engines.openvino import OpenVinoEngine

            return OpenVinoEngine(path, threads, variant or "fp32")
    if name == "tensorrt":
        with needs_extra("tensorrt"):
            from nijigan.server.engines.tensorrt import TensorRtEngine

            return TensorRtEngine(path)
    from nijigan.server.engines.onnxruntime import OnnxRuntimeEngine

    return OnnxRuntimeEngine(path, threads, variant or "cpu")


def is_remote(engine: str) -> bool:
    """Whether an engine draws on another server, whose speed is not this machine's."""
    return engine.partition(":")[0] == _REMOTE


def check_engine(engine: str) -> None:
    """Refuse what is the name of no engine.

    Raises:
        UsageError: it is none, or an engine without that variant.
    """
    name, colon, variant = engine.partition(":")
    if name not in ENGINES:
        raise UsageError(f"No engine is named {engine!r}.", did_you_mean(name, ENGINES))
    if is_remote(engine):
        _check_address(engine, variant)
    elif colon and variant not in ENGINES[name]:
        known = ", ".join(f"{name}:{each}" for each in ENGINES[name]) or "it has none"
        raise UsageError(f"The engine {name!r} has no variant {variant!r}.", f"Known: {known}.")


def _check_address(engine: str, address: str) -> None:
    """Refuse an address that is neither empty nor a host and a port, with or without `tls://`."""
    host, _, port = address.removeprefix("tls://").rpartition(":")
    if address and not (host and port.isdecimal() and 0 < int(port) < 65536):
        raise UsageError(
            f"{address!r} in the engine {engine!r} is no address.",
            "Write triton:HOST:PORT, or triton:tls://HOST:PORT.",
        )
