"""The largest picture, from request to answer, in the memory that was given."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nijigan.client import connect

SIDE = 8192


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_8192_squared_in_a_budget(toy_style, tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path))
    program = "from nijigan.core.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", "--styles", toy_style, "--memory", "512M"]
    rng = np.random.default_rng(0)
    pixels = np.tile(rng.integers(0, 256, (256, 512, 4), np.uint8), (SIDE // 256, SIDE // 512, 1))
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ) as server:
        assert server.stdout.readline()
        with connect() as client:
            result = client.stylize(
                pixels.data, SIDE, SIDE, style="toy", strength=0, quality="draft", scale="native"
            )
        status = Path(f"/proc/{server.pid}/status").read_text()
        server.terminate()
    assert np.frombuffer(result.pixels, np.uint8).data == pixels.reshape(-1).data
    assert result.tiles > 16
    (peak,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    # The picture as it came, its colors and alpha, the drawing, and the result: 268 + 268 + 201 +
    # 268 MB; and a quarter of a GB of the budget for each of two workers.
    assert int(peak) / 1000 < 1700
