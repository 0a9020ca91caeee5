"""The little of CUDA that running an engine takes: memory, a stream, and graphs.

Written against the documented signatures of NVIDIA's `cuda-bindings` 12 and 13; not run on a GPU.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from cuda.bindings import runtime as cudart
from numpy.typing import NDArray

from nijigan.core.errors import EngineError

F32 = NDArray[np.float32]
_FLOAT_BYTES = 4
_NO_GPU = "Use the engine onnxruntime, or a machine with an NVIDIA GPU and its driver."


def gpu_name() -> str:
    """Return name and compute capability of the first GPU.

    Raises:
        EngineError: there is none, or no driver.
    """
    error, count = cudart.cudaGetDeviceCount()
    if error != cudart.cudaError_t.cudaSuccess or not count:
        raise EngineError(f"No NVIDIA GPU can be used here ({_text(error)}).", _NO_GPU)
    properties = _call(cudart.cudaGetDeviceProperties, 0)
    name = properties.name.split(b"\0")[0].decode() if properties.name else "GPU"
    return f"{name} {properties.major}.{properties.minor}"


class Tensor:
    """Numbers that are in pinned memory of the machine and in memory of the GPU.

    Raises:
        MemoryError: either has too little.
    """

    def __init__(self, count: int) -> None:
        self.bytes = _FLOAT_BYTES * max(count, 1)
        self._pinned = int(_call(cudart.cudaMallocHost, self.bytes))
        self.address = int(_call(cudart.cudaMalloc, self.bytes))
        kind = ctypes.c_float * max(count, 1)
        self.host: F32 = np.ctypeslib.as_array(kind.from_address(self._pinned))
        """Flat float32."""

    def free(self) -> None:
        """Give the memory back; `host` must not be used any more."""
        _call(cudart.cudaFree, self.address)
        _call(cudart.cudaFreeHost, self._pinned)


class Stream:
    """Work that the GPU does in order."""

    def __init__(self) -> None:
        self._stream = _call(cudart.cudaStreamCreate)

    @property
    def handle(self) -> int:
        """As TensorRT takes it."""
        return int(self._stream)

    def upload(self, tensor: Tensor) -> None:
        """Copy what is on the machine to the GPU."""
        kind = cudart.cudaMemcpyKind.cudaMemcpyHostToDevice
        source, target = tensor.host.ctypes.data, tensor.address
        _call(cudart.cudaMemcpyAsync, target, source, tensor.bytes, kind, self._stream)

    def download(self, tensor: Tensor) -> None:
        """Copy what is on the GPU to the machine."""
        kind = cudart.cudaMemcpyKind.cudaMemcpyDeviceToHost
        source, target = tensor.address, tensor.host.ctypes.data
        _call(cudart.cudaMemcpyAsync, target, source, tensor.bytes, kind, self._stream)

    def wait(self) -> None:
        """Wait until all is done."""
        _call(cudart.cudaStreamSynchronize, self._stream)

    def mark(self) -> Any:
        """Return an event that has happened when all is done that was asked for so far."""
        event = _call(cudart.cudaEventCreate)
        _call(cudart.cudaEventRecord, event, self._stream)
        return event

    def record(self, work: Callable[[], None]) -> Any:
        """Return what `work` asks of this stream, to be launched again and again as one."""
        mode = cudart.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        _call(cudart.cudaStreamBeginCapture, self._stream, mode)
        try:
            work()
        finally:
            graph = _call(cudart.cudaStreamEndCapture, self._stream)
        launchable = _call(cudart.cudaGraphInstantiate, graph, 0)
        _call(cudart.cudaGraphDestroy, graph)
        return launchable

    def launch(self, recorded: Any) -> None:
        """Do what was recorded."""
        _call(cudart.cudaGraphLaunch, recorded, self._stream)


def milliseconds_between(first: Any, second: Any) -> float:
    """Return the time between two events that have happened."""
    return float(_call(cudart.cudaEventElapsedTime, first, second))


def drop_event(event: Any) -> None:
    """Give an event back."""
    _call(cudart.cudaEventDestroy, event)


def drop_recorded(recorded: Any) -> None:
    """Give recorded work back."""
    _call(cudart.cudaGraphExecDestroy, recorded)


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    error, *values = function(*arguments)
    if error != cudart.cudaError_t.cudaSuccess:
        if error == cudart.cudaError_t.cudaErrorMemoryAllocation:
            raise MemoryError
        raise EngineError(f"CUDA: {function.__name__} failed ({_text(error)}).", _NO_GPU)
    return values[0] if values else None


def _text(error: Any) -> str:
    found, text = cudart.cudaGetErrorString(error)
    return text.decode() if found == cudart.cudaError_t.cudaSuccess and text else str(error)
