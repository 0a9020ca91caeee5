"""How a TensorRT engine is fed, kept and dropped, with doubles of the GPU and of TensorRT.

What they compute is the picture times its strength. Real ones are in tests/gpu.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from nijigan.core.errors import CancelledError, EngineError
from nijigan.export.tensorrt.library import Library
from nijigan.server.cancel import Cancel

pytest.importorskip("cuda.bindings", reason="cuda-bindings is not installed")

from nijigan.server.engines import tensorrt as module


class Gpu:
    """Memory and a stream: what is on the GPU changes by upload and by what is computed alone."""

    def __init__(self):
        self.memory, self.freed, self.launched, self.fails = {}, [], 0, False
        gpu = self

        class Tensor:
            def __init__(self, count):
                if gpu.fails:
                    raise MemoryError
                self.host = np.zeros(count, np.float32)
                self.address = len(gpu.memory) + 1
                gpu.memory[self.address] = np.zeros(count, np.float32)

            def free(self):
                gpu.freed.append(self.address)

        class Stream:
            handle = 7

            def upload(self, tensor):
                gpu.memory[tensor.address][:] = tensor.host

            def download(self, tensor):
                tensor.host[:] = gpu.memory[tensor.address]

            def wait(self):
                pass

            def record(self, work):
                return work

            def launch(self, work):
                gpu.launched += 1
                work()

        self.Tensor, self.Stream = Tensor, Stream

    def gpu_name(self):
        return "Double 9.0"

    def drop_recorded(self, recorded):
        assert callable(recorded)


class TensorRt:
    """The classes that the engine uses; `refuses` as many engines as it is told to."""

    TensorIOMode = SimpleNamespace(INPUT="in")
    shapes = {"image": (-1, 3, -1, -1), "strength": (), "drawn": (-1, 3, -1, -1)}  # noqa: RUF012

    def __init__(self, gpu):
        self.gpu, self.refuses, self.largest = gpu, 0, 10**9
        self.num_io_tensors = len(self.shapes)

    class ILogger:
        WARNING = 2

        def __init__(self):
            pass

    def Runtime(self, log):  # noqa: N802, it is a class there
        return self

    def deserialize_cuda_engine(self, data):
        if self.refuses:
            self.refuses -= 1
            return None
        return self

    def create_execution_context(self):
        return Context(self)

    def get_tensor_name(self, number):
        return list(self.shapes)[number]

    def get_tensor_mode(self, name):
        return "out" if name == "drawn" else "in"

    def get_tensor_shape(self, name):
        return self.shapes[name]


class Context:
    def __init__(self, trt):
        self.trt, self.addresses = trt, {}

    def set_input_shape(self, name, shape):
        return max(shape) <= self.trt.largest

    def set_tensor_address(self, name, address):
        self.addresses[name] = address

    def execute_async_v3(self, handle):
        memory = {name: self.trt.gpu.memory[address] for name, address in self.addresses.items()}
        memory["drawn"][:] = memory["image"] * memory["strength"]
        return handle == 7


@pytest.fixture
def gpu(monkeypatch):
    double = Gpu()
    monkeypatch.setattr(module, "cuda", double)
    return double


@pytest.fixture
def trt(gpu, monkeypatch):
    double = TensorRt(gpu)
    monkeypatch.setattr(module, "load_library", lambda: Library("TensorRT", "10.1", double))
    return double


@pytest.fixture
def built(monkeypatch):
    """Whether each engine that was asked for was to be built anew."""
    asked = []

    def cached(graph, profile, library, gpu, folder, anew):
        asked.append((profile.most.height, anew))
        return b"engine"

    monkeypatch.setattr(module, "cached_engine", cached)
    return asked


@pytest.fixture
def engine(trt, built, tmp_path):
    return module.TensorRtEngine(tmp_path / "normal.onnx", folder=tmp_path)


def picture(side, seed=0, width=8):
    return np.random.default_rng(seed).uniform(-1, 1, (1, 3, side, width)).astype(np.float32)


def test_every_run_draws_its_own_picture(engine, gpu):
    for side, seed, strength in [(8, 0, 1.0), (16, 1, 0.5), (8, 2, 0.25), (16, 3, 1.0)]:
        image = picture(side, seed)
        assert np.allclose(engine.run(image, strength, Cancel()), image * np.float32(strength))
    assert gpu.launched == 4


def test_what_is_returned_is_not_overwritten_by_the_next_run(engine):
    first = engine.run(picture(8), 1.0, Cancel())
    kept = first.copy()
    engine.run(picture(8, 1), 1.0, Cancel())
    assert np.array_equal(first, kept)


def test_memory_of_shapes_that_are_not_used_is_given_back(engine, gpu):
    for side in range(1, 7):
        engine.run(picture(side), 1.0, Cancel())
    assert len(gpu.freed) == 2 * len(TensorRt.shapes)


def test_an_engine_that_is_refused_is_built_anew_once(trt, built, tmp_path):
    trt.refuses = 1
    module.TensorRtEngine(tmp_path / "normal.onnx", folder=tmp_path)
    assert [anew for _, anew in built] == [False, True]
    trt.refuses = 2
    with pytest.raises(EngineError, match=r"10\.1 does not load the engine .* of normal\.onnx"):
        module.TensorRtEngine(tmp_path / "normal.onnx", folder=tmp_path)


def test_without_a_driver_there_is_one_line(trt, built, tmp_path, monkeypatch):
    def refuses(log):
        log.lines.append("CUDA initialization failure with error: 35")
        raise TypeError("pybind11::init(): factory function returned nullptr")

    monkeypatch.setattr(trt, "Runtime", refuses)
    with pytest.raises(EngineError, match=r"TensorRT 10\.1: no \w+ \(CUDA initialization failure"):
        module.TensorRtEngine(tmp_path / "normal.onnx", folder=tmp_path)


def test_a_picture_past_the_profile_gets_an_engine_that_takes_it(engine, gpu, built):
    engine.run(picture(64, width=64), 1.0, Cancel())
    image = picture(2000, width=64)
    assert np.array_equal(engine.run(image, 1.0, Cancel()), image)
    assert built == [(1088, False), (2048, False)]
    assert len(gpu.freed) == len(TensorRt.shapes)
    engine.run(picture(2048, width=64), 1.0, Cancel())
    assert len(built) == 2


def test_a_picture_that_is_refused_is_told_and_the_next_drawn(engine, trt):
    trt.largest = 100
    with pytest.raises(EngineError, match="no picture of 8x128"):
        engine.run(picture(128), 1.0, Cancel())
    assert engine.run(picture(8), 1.0, Cancel()).shape == (1, 3, 8, 8)


def test_too_little_memory_is_told_and_the_next_run_works(engine, gpu):
    gpu.fails = True
    with pytest.raises(EngineError, match="too little memory for a picture of 8x16"):
        engine.run(picture(16), 1.0, Cancel())
    gpu.fails = False
    assert engine.run(picture(16), 1.0, Cancel()).shape == (1, 3, 16, 8)


def test_cancel_before_a_run(engine, gpu):
    cancel = Cancel()
    cancel.set()
    with pytest.raises(CancelledError):
        engine.run(picture(8), 1.0, cancel)
    assert gpu.launched == 0
