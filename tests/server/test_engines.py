"""Every engine behind the `Engine` protocol, and the `Cancel` that ends its runs."""

import shutil
import subprocess
import sys
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from nijigan.core.errors import CancelledError, EngineError, UsageError
from nijigan.export.runtime import onnxruntime as ort
from nijigan.export.style import load_style
from nijigan.server.cancel import Cancel
from nijigan.server.engines import ENGINES, choice, open_engine, open_graph
from nijigan.server.engines.choice import choose_engine
from nijigan.server.engines.providers import PROVIDERS, present

IMAGE = np.random.default_rng(0).uniform(-1, 1, (1, 3, 16, 24)).astype(np.float32)


@pytest.fixture(scope="module", params=["onnxruntime", "openvino"])
def name(request):
    """Those that run on the CPU; tests/gpu has the others."""
    if request.param == "openvino" and not find_spec("openvino"):
        pytest.skip("openvino is not installed")
    return request.param


@pytest.fixture(scope="module")
def engine(toy_style, name):
    return open_engine(load_style(toy_style), "normal", name, threads=1)


def test_what_runs_is_what_was_asked_for(engine, name):
    assert engine.name == name
    assert type(engine).__name__.lower() == f"{name}engine"


def test_strength_reaches_the_graph(engine):
    none, half, full = (engine.run(IMAGE, s, Cancel()) for s in (0.0, 0.5, 1.0))
    assert np.array_equal(none, IMAGE)
    assert np.allclose(half, (none + full) / 2, atol=1e-6)
    assert np.abs(full - none).max() > 0.1


def test_a_batch_is_its_pictures(engine):
    both = engine.run(np.concatenate([IMAGE, IMAGE[:, ::-1]]), 1.0, Cancel())
    assert np.allclose(both[1:], engine.run(IMAGE[:, ::-1].copy(), 1.0, Cancel()), atol=1e-6)


def test_weights_are_read_from_the_style_whatever_the_folder(
    engine, name, toy_style, tmp_path, monkeypatch
):
    folder = shutil.copytree(toy_style, tmp_path / "with space é")
    monkeypatch.chdir(tmp_path)
    moved = open_engine(load_style(folder), "normal", name)
    assert np.allclose(moved.run(IMAGE, 1.0, Cancel()), engine.run(IMAGE, 1.0, Cancel()), atol=1e-6)


def test_a_shape_the_graph_refuses(engine):
    with pytest.raises(EngineError, match="picture of 3x3") as caught:
        engine.run(IMAGE[:, :, :3, :3], 1.0, Cancel())
    assert "\n" not in str(caught.value)


def test_a_graph_that_is_none(toy_style, name, tmp_path, capfd):
    folder = shutil.copytree(toy_style, tmp_path / "toy")
    (folder / "normal.onnx").write_bytes(b"no graph")
    with pytest.raises(EngineError, match=r"cannot load .*normal\.onnx"):
        open_engine(load_style(folder, verify=False), "normal", name)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("engine", "fault"),
    [
        ("onnxruntim", r"'onnxruntim'.*Did you mean 'onnxruntime'"),
        ("openvino:fp8", "'openvino' has no variant 'fp8'.*openvino:bf16"),
        ("tensorrt:fast", "'tensorrt' has no variant 'fast'.*it has none"),
    ],
)
def test_an_unknown_engine(toy_style, engine, fault):
    with pytest.raises(UsageError, match=fault):
        open_engine(load_style(toy_style), "normal", engine)


def test_variants_of_onnxruntime_are_its_providers():
    assert tuple(PROVIDERS) == tuple(ENGINES["onnxruntime"])
    assert "cpu" in present()


def test_a_provider_that_is_not_there(toy_style, monkeypatch):
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(EngineError, match=r"without the provider 'cuda'; it has .*cpu"):
        open_engine(load_style(toy_style), "normal", "onnxruntime:cuda")


def test_a_provider_that_makes_way_for_the_cpu_is_no_success(toy_style, monkeypatch):
    """What ONNX Runtime does where a GPU's library is installed and there is no GPU."""
    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(ort, "get_available_providers", lambda: both)
    real = ort.InferenceSession
    monkeypatch.setattr(
        ort, "InferenceSession", lambda path, options, _: real(path, options, both[1:])
    )
    with pytest.raises(EngineError, match="'cuda' does not run here; CPUExecutionProvider would"):
        open_engine(load_style(toy_style), "normal", "onnxruntime:cuda")


def test_auto_says_what_it_chose_and_why(monkeypatch):
    tried = []

    class Works:
        def run(self, image, strength, cancel):
            return image

    def opened(path, engine):
        tried.append(engine)
        if engine != "onnxruntime:directml":
            raise EngineError(f"{engine} finds no device.")
        return Works()

    monkeypatch.setattr(choice, "open_graph", opened)
    monkeypatch.setattr(choice, "present", lambda: ["cuda", "directml", "cpu"])
    chosen = choose_engine("auto")
    assert chosen.engine == "onnxruntime:directml"
    assert tried == ["tensorrt", "onnxruntime:cuda", "onnxruntime:directml"]
    monkeypatch.setattr(choice, "present", lambda: ["cuda", "cpu"])
    chosen = choose_engine("auto")
    assert chosen.engine == "onnxruntime"
    assert "tensorrt finds no device. onnxruntime:cuda: onnxruntime:cuda finds" in chosen.why


def test_what_is_asked_for_is_chosen_unseen(monkeypatch):
    monkeypatch.setattr(choice, "open_graph", None)
    assert choose_engine("openvino:bf16").engine == "openvino:bf16"
    with pytest.raises(UsageError, match="'fastest'"):
        choose_engine("fastest")


@pytest.mark.skipif(not find_spec("cuda"), reason="cuda-bindings is not installed")
def test_tensorrt_without_a_gpu_is_one_clear_line(toy_style):
    if Path("/dev/nvidiactl").exists():
        pytest.skip("there is a GPU")
    with pytest.raises(
        EngineError, match=r"^No NVIDIA GPU .*\. Use the engine onnxruntime"
    ) as caught:
        open_engine(load_style(toy_style), "normal", "tensorrt")
    assert "\n" not in str(caught.value)


def test_engines_draw_alike(toy_style, name):
    style = load_style(toy_style)
    drawn = open_engine(style, "normal", name).run(IMAGE, 0.7, Cancel())
    expected = open_engine(style, "normal", "onnxruntime").run(IMAGE, 0.7, Cancel())
    assert np.abs(drawn - expected).max() < 1e-4


def test_cancel_before_a_run(engine):
    cancel = Cancel()
    cancel.set()
    with pytest.raises(CancelledError):
        engine.run(IMAGE, 1.0, cancel)


def test_cancel_within_a_run(engine):
    class Late(Cancel):
        """Set by another thread as soon as the run listens."""

        @contextmanager
        def on_set(self, callback):
            with super().on_set(callback):
                other = Thread(target=self.set)
                other.start()
                other.join()
                yield

    with pytest.raises(CancelledError):
        engine.run(IMAGE, 1.0, Late())
    assert engine.run(IMAGE, 0.0, Cancel()).shape == IMAGE.shape


def test_cancel_calls_back_once_and_only_those_who_listen():
    cancel, calls = Cancel(), []
    with cancel.on_set(lambda: calls.append("gone")):
        pass
    with cancel.on_set(lambda: calls.append("here")):
        assert calls == []
        cancel.set()
        cancel.set()
    assert calls == ["here"]
    with cancel.on_set(lambda: calls.append("late")):
        assert calls == ["here", "late"]


class Plugin:
    """Stands in for ONNX Runtime and the package of a provider; `devices` come with the library."""

    def __init__(self, monkeypatch, devices, failure=None):
        self.registered = []
        self.devices = []
        cpu = SimpleNamespace(ep_name="CPUExecutionProvider")

        def register(name, library):
            if failure:
                raise RuntimeError(failure)
            self.registered.append((name, library))
            self.devices = [SimpleNamespace(ep_name=name) for _ in range(devices)]

        module = ModuleType("onnxruntime_ep_nv_tensorrt_rtx")
        module.get_library_path = lambda: "/there/lib.so"
        module.__spec__ = ModuleSpec(module.__name__, None)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(ort, "get_available_providers", lambda: ["CPUExecutionProvider"])
        monkeypatch.setattr(ort, "register_execution_provider_library", register)
        monkeypatch.setattr(ort, "get_ep_devices", lambda: [cpu, *self.devices])


def test_a_packaged_provider_is_registered_once_and_its_first_device_runs(toy_style, monkeypatch):
    plugin = Plugin(monkeypatch, devices=2)
    added = []
    name = "NvTensorRTRTXExecutionProvider"
    monkeypatch.setattr(
        ort.SessionOptions, "add_provider_for_devices", lambda _, *args: added.append(args)
    )
    monkeypatch.setattr(ort.InferenceSession, "get_providers", lambda _: [name])
    for _ in range(2):
        engine = open_graph(toy_style / "normal.onnx", "onnxruntime:tensorrt-rtx")
    assert engine.name == "onnxruntime:tensorrt-rtx"
    assert plugin.registered == [(name, "/there/lib.so")]
    assert added == [(plugin.devices[:1], {})] * 2


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (None, "finds no device here"),
        ("1 : FAIL : Failed to load library x with error: libcuda.so.1: cannot", r"libcuda\.so\.1"),
    ],
)
def test_a_packaged_provider_without_a_device(toy_style, monkeypatch, failure, message):
    Plugin(monkeypatch, devices=0, failure=failure)
    with pytest.raises(EngineError, match=message):
        open_graph(toy_style / "normal.onnx", "onnxruntime:tensorrt-rtx")


@pytest.mark.skipif(sys.platform == "win32", reason="it has no signals")
def test_a_signal_is_handled_after_engines_have_come_and_gone(name, toy_style):
    """In a process of its own: where the stack for signals is gone, it dies of the first one."""
    program = f"""
import signal
from pathlib import Path
from nijigan.server.engines import open_graph
handled = []
signal.signal(signal.SIGINT, lambda *_: handled.append(1))
graph = Path({str(toy_style / "normal.onnx")!r})
first, second = (open_graph(graph, {name!r}) for _ in range(2))
del first
del second
signal.raise_signal(signal.SIGINT)
assert handled
"""
    done = subprocess.run([sys.executable, "-X", "faulthandler", "-c", program], check=False)
    assert done.returncode == 0
