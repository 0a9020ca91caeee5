"""TensorRT, or TensorRT-RTX, on the first NVIDIA GPU.

Written against their documented classes, which both have; not run on a GPU.
"""

import itertools
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import EngineError, NijiganError, OutOfMemoryError
from nijigan.core.user_data import data_dir
from nijigan.export.feed import feed
from nijigan.export.tensorrt.build import log_of, made
from nijigan.export.tensorrt.cache import cached_engine
from nijigan.export.tensorrt.library import Library, load_library
from nijigan.export.tensorrt.profile import Profile, Shape
from nijigan.server.cancel import Cancel
from nijigan.server.engines import cuda
from nijigan.server.engines.device_times import DeviceTimes
from nijigan.server.engines.graph_engine import GraphEngine

F32 = NDArray[np.float32]

# Shapes whose recorded work is kept, each with its own working memory: a picture's tiles have few.
_MOST_RECORDED = 4


@dataclass(frozen=True)
class _Shaped:
    """What one shape of picture has: a context of its own, for what was recorded of one that then
    gets another shape is not valid any more."""

    context: Any
    tensors: dict[str, cuda.Tensor]
    recorded: Any = None


class TensorRtEngine(GraphEngine):
    """One graph, built for the first GPU.

    Pictures go through pinned memory. What one shape of picture asks of the GPU, copies and all, is
    recorded as a CUDA graph when it is first met, and launched as one from then on. A run that has
    begun on the GPU is not ended by its cancel.

    Args:
        graph: of a style.
        profile: shapes that the engine takes. Where a picture is past them, an engine for it too is
            built, which takes as long as the first.
        folder: where engines are kept.
    """

    name = "tensorrt"

    def __init__(
        self, graph: Path, profile: Profile | None = None, folder: Path | None = None
    ) -> None:
        self._gpu = cuda.gpu_name()
        self._library = load_library()
        self._graph = graph
        self._log = log_of(self._library.classes)
        self._folder = folder or data_dir() / "engines"
        self._runtime = self._open_runtime()
        self._profile = profile or Profile()
        self._engine = self._load(self._profile)
        self._stream = cuda.Stream()
        self._shaped: OrderedDict[tuple[int, ...], _Shaped] = OrderedDict()
        self._lock = Lock()
        numbers = self._shape_of("norm_stats")
        self._stats_numbers = None if numbers is None else numbers[-1]

    def device_times(self, image: F32, strength: float) -> DeviceTimes:
        """Draw once and return where the time went, apart: not as one recorded launch."""
        with self._lock:
            shaped = self._for_shape(image.shape)
            self._fill(shaped, feed(image, strength, self._stats_numbers))
            marks = [self._stream.mark()]
            for step in (self._upload, self._compute, self._download):
                step(shaped)
                marks.append(self._stream.mark())
            self._stream.wait()
            times = [cuda.milliseconds_between(a, b) for a, b in itertools.pairwise(marks)]
            for mark in marks:
                cuda.drop_event(mark)
        return DeviceTimes(*times)

    def _fetch(
        self, output: str, image: F32, strength: float, cancel: Cancel, norm_stats: F32 | None
    ) -> F32:
        inputs = feed(image, strength, self._stats_numbers, norm_stats)
        cancel.raise_if_set()
        with self._lock:  # a context has one shape at a time
            cancel.raise_if_set()
            shaped = self._for_shape(image.shape)
            self._fill(shaped, inputs)
            self._stream.launch(shaped.recorded)
            self._stream.wait()
            shape = image.shape if output == "drawn" else (len(image), self._stats_numbers)
            result: F32 = shaped.tensors[output].host.reshape(shape).copy()
        cancel.raise_if_set()
        return result

    def _open_runtime(self) -> Any:
        try:
            return made(self._library.classes.Runtime, self._log, self._library)
        except NijiganError as error:
            raise EngineError(str(error), "Use the engine onnxruntime.") from error

    def _load(self, profile: Profile) -> Any:
        """Return the engine from the cache; one that the runtime refuses is built anew, once."""
        said: list[str] = []
        for anew in (False, True):
            try:
                data = cached_engine(
                    self._graph, profile, self._library, self._gpu, self._folder, anew=anew
                )
            except NijiganError as error:
                raise EngineError(str(error), "Use the engine onnxruntime.") from error
            engine = self._runtime.deserialize_cuda_engine(data)
            if engine is not None:
                return engine
            said = self._log.lines
        raise EngineError(
            f"{_title(self._library)} does not load the engine that it has built of "
            f"{self._graph.name} ({'; '.join(said[-2:]) or 'it did not say why'}).",
            "Use the engine onnxruntime.",
        )

    def _for_shape(self, shape: tuple[int, ...]) -> _Shaped:
        if shape in self._shaped:
            self._shaped.move_to_end(shape)
            return self._shaped[shape]
        self._cover(shape)
        while len(self._shaped) >= _MOST_RECORDED:
            _drop(self._shaped.popitem(last=False)[1])
        shaped = self._prepared(shape)

        def work() -> None:
            self._upload(shaped)
            self._compute(shaped)
            self._download(shaped)

        work()  # what is set up lazily must not be recorded
        self._stream.wait()
        self._shaped[shape] = replace(shaped, recorded=self._stream.record(work))
        return self._shaped[shape]

    def _cover(self, shape: tuple[int, ...]) -> None:
        """Have an engine that takes the shape."""
        profile = self._profile.covering(Shape(shape[0], shape[2], shape[3]))
        if profile == self._profile:
            return
        engine = self._load(profile)
        while self._shaped:  # what is left of the engine before
            _drop(self._shaped.popitem()[1])
        self._engine, self._profile = engine, profile

    def _prepared(self, shape: tuple[int, ...]) -> _Shaped:
        """Return a context of its own for a shape, with memory for what goes in and comes out."""
        context = self._engine.create_execution_context()
        if context is None:
            raise _too_little(shape)
        for name, sides in (("image", shape), ("norm_stats", (shape[0], self._stats_numbers))):
            if name in self._names() and not context.set_input_shape(name, sides):
                raise EngineError(
                    f"The engine takes no picture of {shape[3]}x{shape[2]}.",
                    "Use the engine onnxruntime.",
                )
        try:
            tensors = {name: cuda.Tensor(self._count(name, shape)) for name in self._names()}
        except MemoryError as error:
            raise _too_little(shape) from error
        for name, tensor in tensors.items():
            context.set_tensor_address(name, tensor.address)
        return _Shaped(context, tensors)

    def _fill(self, shaped: _Shaped, inputs: dict[str, F32]) -> None:
        for name, values in inputs.items():
            shaped.tensors[name].host[: values.size] = values.ravel()

    def _upload(self, shaped: _Shaped) -> None:
        for name, tensor in shaped.tensors.items():
            if self._is_input(name):
                self._stream.upload(tensor)

    def _compute(self, shaped: _Shaped) -> None:
        if not shaped.context.execute_async_v3(self._stream.handle):
            said = "; ".join(self._log.lines[-2:]) or "it did not say why"
            raise EngineError(f"{_title(self._library)} failed ({said}).", "Try onnxruntime.")

    def _download(self, shaped: _Shaped) -> None:
        for name, tensor in shaped.tensors.items():
            if not self._is_input(name):
                self._stream.download(tensor)

    def _names(self) -> list[str]:
        return [self._engine.get_tensor_name(n) for n in range(self._engine.num_io_tensors)]

    def _is_input(self, name: str) -> bool:
        mode = self._library.classes.TensorIOMode.INPUT
        return bool(self._engine.get_tensor_mode(name) == mode)

    def _shape_of(self, name: str) -> tuple[int, ...] | None:
        return tuple(self._engine.get_tensor_shape(name)) if name in self._names() else None

    def _count(self, name: str, shape: tuple[int, ...]) -> int:
        """How many numbers a tensor has for a shape of picture."""
        own = self._shape_of(name) or ()
        if len(own) == 4:
            return int(np.prod(shape))
        return shape[0] * own[-1] if len(own) == 2 else 1


def _drop(shaped: _Shaped) -> None:
    cuda.drop_recorded(shaped.recorded)
    for tensor in shaped.tensors.values():
        tensor.free()


def _too_little(shape: tuple[int, ...]) -> OutOfMemoryError:
    return OutOfMemoryError(
        f"The GPU has too little memory for a picture of {shape[3]}x{shape[2]}.",
        "Use a smaller picture, or less memory for tiles.",
    )


def _title(library: Library) -> str:
    return f"{library.name} {library.version}"
