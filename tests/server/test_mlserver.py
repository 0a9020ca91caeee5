"""The engine `triton` against a KServe server that others wrote."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nijigan.core.errors import EngineError
from nijigan.export.style import load_style
from nijigan.export.triton import write_triton
from nijigan.export.triton_name import triton_model_name
from nijigan.server.cancel import Cancel
from nijigan.server.engines import open_engine

ENVIRONMENT = Path(__file__).parent.parent.parent / ".venv" / "mlserver"
RUNTIME = Path(__file__).parent / "mlserver"


@pytest.fixture(scope="module")
def style(toy_style):
    return load_style(toy_style)


@pytest.fixture(scope="module")
def address(style, tmp_path_factory):
    """Of an MLServer that has the models of `style`."""
    program = ENVIRONMENT / "bin" / "mlserver"
    if not program.exists():
        pytest.skip("MLServer is not installed. Run: make .venv/mlserver/.installed")
    folder = tmp_path_factory.mktemp("mlserver")
    for model in write_triton(style, folder / "models"):
        settings = {
            "name": model.name,
            "implementation": "runtime.GraphRuntime",
            "parameters": {"uri": str(model / "1" / "model.onnx")},
        }
        (model / "model-settings.json").write_text(json.dumps(settings))
    ports = dict(zip(("http_port", "grpc_port", "metrics_port"), free_ports(3), strict=True))
    settings = {"host": "127.0.0.1", "parallel_workers": 0, "debug": False, **ports}
    (folder / "models" / "settings.json").write_text(json.dumps(settings))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [program, "start", folder / "models"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(RUNTIME)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    found = f"127.0.0.1:{ports['grpc_port']}"
    try:
        wait_until_ready(style, found, process, folder / "log")
        yield found
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_until_ready(style, address, process, log):
    for _ in range(240):
        assert process.poll() is None, log.read_text()
        try:
            open_engine(style, "fine", f"triton:{address}")
        except EngineError:
            time.sleep(0.25)
        else:
            return
    pytest.fail(log.read_text())


@pytest.mark.parametrize("quality", ["draft", "normal", "fine"])
def test_it_draws_what_the_engine_of_this_process_draws(style, address, quality):
    image = np.random.default_rng(0).uniform(-1, 1, (2, 3, 24, 36)).astype(np.float32)
    engine = open_engine(style, quality, f"triton:{address}")
    assert engine.name == f"triton:{address}"
    drawn = engine.run(image, 0.7, Cancel())
    here = open_engine(style, quality).run(image, 0.7, Cancel())
    assert np.abs(drawn - here).max() < 1e-5


def test_a_model_that_it_has_not_is_named(make_toy_style, address):
    other = load_style(make_toy_style("other"))
    with pytest.raises(EngineError, match=triton_model_name(other, "normal")):
        open_engine(other, "normal", f"triton:{address}")


def test_compare_shows_that_both_draw_the_same(toy_style, address):
    command = [sys.executable, "-m", "nijigan.core", "compare", str(toy_style)]
    command += [f"{toy_style}@triton:{address}", "--json", "--tolerance", "1e-5"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (row,) = json.loads(done.stdout)["rows"]
    assert f"triton:{address}" in str(row)
