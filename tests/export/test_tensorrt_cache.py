"""Engines that are kept: found again, never for anything else, and built anew when stale."""

import pytest

from nijigan.core.errors import ExportError
from nijigan.export.tensorrt import cache
from nijigan.export.tensorrt.build import Built, build_engine
from nijigan.export.tensorrt.cache import cached_engine, engine_key
from nijigan.export.tensorrt.library import Library
from nijigan.export.tensorrt.profile import Profile, Shape

LIBRARY = Library("TensorRT", "10.1", None)


@pytest.fixture
def graph(tmp_path):
    (tmp_path / "style").mkdir()
    (tmp_path / "style/weights.bin").write_bytes(b"weights")
    (tmp_path / "style/normal.onnx").write_bytes(b"graph")
    return tmp_path / "style/normal.onnx"


@pytest.fixture
def builds(monkeypatch):
    """What each build was given as known timings."""
    given = []

    def build(graph, profile, library, timing):
        given.append(timing)
        return Built(b"engine %d" % len(given), ("a warning",), b"timing %d" % len(given))

    monkeypatch.setattr(cache, "build_engine", build)
    return given


def test_without_a_driver_there_is_no_builder(graph):
    class Classes:
        class ILogger:
            pass

        def Builder(log):  # noqa: N802, N805, it is a class there
            raise TypeError("pybind11::init(): factory function returned nullptr")

    with pytest.raises(ExportError, match=r"TensorRT 10\.1: no Builder \(pybind11"):
        build_engine(graph, Profile(), Library("TensorRT", "10.1", Classes))


def test_an_engine_is_built_once(graph, builds, tmp_path):
    ask = (graph, Profile(), LIBRARY, "GPU 8.9", tmp_path / "engines")
    assert [cached_engine(*ask) for _ in range(3)] == [b"engine 1"] * 3
    assert len(builds) == 1
    (log,) = (tmp_path / "engines").glob("*.log")
    assert log.read_text() == "normal.onnx\na warning\n"
    assert cached_engine(*ask, anew=True) == b"engine 2"
    assert cached_engine(*ask) == b"engine 2"


def test_timings_of_the_last_build_are_given_to_the_next(graph, builds, tmp_path):
    for gpu in ("GPU 8.9", "GPU 8.9", "GPU 9.0"):
        cached_engine(graph, Profile(), LIBRARY, gpu, tmp_path, anew=True)
    assert builds == [b"", b"timing 1", b""]


def test_whatever_an_engine_is_right_for_is_in_its_key(graph):
    def key(profile=Profile(), library=LIBRARY, gpu="GPU 8.9"):  # noqa: B008
        return engine_key(graph, profile, library, gpu)

    keys = [
        key(),
        key(gpu="GPU 9.0"),
        key(profile=Profile(usual=Shape(1, 720, 1280))),
        key(library=Library("TensorRT", "10.2", None)),
        key(library=Library("TensorRT-RTX", "10.1", None)),
    ]
    graph.write_bytes(b"another graph")
    keys.append(key())
    (graph.parent / "weights.bin").write_bytes(b"other weights")
    keys.append(key())
    assert len(set(keys)) == len(keys)
    assert key() == keys[-1]


def test_a_build_that_fails_leaves_nothing(graph, tmp_path, monkeypatch):
    def build(*_):
        raise ExportError("TensorRT: no engine.")

    monkeypatch.setattr(cache, "build_engine", build)
    with pytest.raises(ExportError):
        cached_engine(graph, Profile(), LIBRARY, "GPU 8.9", tmp_path / "engines")
    assert list((tmp_path / "engines").iterdir()) == []
