"""Every engine behind the `Engine` protocol, and the `Cancel` that ends its runs."""

import shutil
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Thread

import numpy as np
import pytest

from nijigan.core.errors import CancelledError, EngineError, UsageError
from nijigan.export.style import load_style
from nijigan.server.cancel import Cancel
from nijigan.server.engines import ENGINES, open_engine

IMAGE = np.random.default_rng(0).uniform(-1, 1, (1, 3, 16, 24)).astype(np.float32)


@pytest.fixture(scope="module", params=ENGINES)
def name(request):
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


def test_an_unknown_engine(toy_style):
    with pytest.raises(UsageError, match=r"'onnxruntim'.*Did you mean 'onnxruntime'"):
        open_engine(load_style(toy_style), "normal", "onnxruntim")


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
