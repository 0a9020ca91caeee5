"""Several sidecars behind nginx, with the configuration that deploy/nginx.conf has."""

import re
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
import trustme

from nijigan.client import connect
from nijigan.client.errors import StylizerError
from nijigan.server.sidecar import Options
from nijigan.server.testing import FakeStylizer, running_sidecar

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
CONFIGURATION = Path(__file__).parents[2] / "deploy/nginx.conf"
TOKEN = "t" * 40
SECONDS = 20

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt: nginx-light)")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def configured(sidecars, port, folder):
    """deploy/nginx.conf with this test's addresses and files in place of its own."""
    text = CONFIGURATION.read_text()
    for sidecar, address in zip(sidecars, ("127.0.0.1:50051", "127.0.0.1:50052"), strict=True):
        assert text.count(address) == 1
        text = text.replace(address, sidecar.address)
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
    text = text.replace("/etc/nijigan/tls", str(folder / "tls"))
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {\n", f"http {{\naccess_log off;\n{places}")
    return f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr;\n{text}"


@pytest.fixture
def balanced(tmp_path):
    """Two sidecars, what draws in each, and a function that connects to them through nginx."""
    ca = trustme.CA()
    issued = ca.issue_cert("127.0.0.1")
    ca.cert_pem.write_to_path(tmp_path / "root.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "tls.pem")
    issued.private_key_pem.write_to_path(tmp_path / "tls.key")
    drawers, port = [FakeStylizer(held=True), FakeStylizer(held=True)], free_port()
    with ExitStack() as stack:
        sidecars = [
            stack.enter_context(running_sidecar(stylizer=drawer, options=Options(token=TOKEN)))
            for drawer in drawers
        ]
        path = tmp_path / "nginx.conf"
        path.write_text(configured(sidecars, port, tmp_path))
        nginx = stack.enter_context(subprocess.Popen([NGINX, "-p", tmp_path, "-c", path]))
        stack.callback(nginx.terminate)

        def client(token=TOKEN):
            end = time.monotonic() + SECONDS
            while True:
                try:
                    return connect(f"tls://127.0.0.1:{port}", token, str(tmp_path / "root.pem"))
                except StylizerError:
                    assert time.monotonic() < end
                    time.sleep(0.05)

        yield drawers, sidecars, client


def test_calls_are_spread_and_each_is_answered_whole(balanced):
    from concurrent.futures import ThreadPoolExecutor

    drawers, sidecars, client = balanced
    pixels = np.random.default_rng(0).integers(0, 256, (1200, 1000, 4), np.uint8)
    with ThreadPoolExecutor(2) as pool, client() as one, client() as other:
        calls = [
            pool.submit(each.stylize, pixels.tobytes(), 1000, 1200, style="any")
            for each in (one, other)
        ]
        for drawer in drawers:  # each has one, so both draw at once
            assert drawer.started.acquire(timeout=SECONDS)
        for drawer in drawers:
            drawer.release()
        for call in calls:
            drawn = np.frombuffer(call.result(SECONDS).pixels, np.uint8).reshape(pixels.shape)
            assert np.array_equal(drawn[..., :3], 255 - pixels[..., :3])
        frames = list(one.stylize_frames([(bytes(16 * 16 * 4), 16, 16)] * 3, style="any"))
        assert [frame.number for frame in frames] == [0, 1, 2]
    logs = [(sidecar.home / "logs/sidecar.log").read_text() for sidecar in sidecars]
    assert all(re.search(r"Stylize .* ok", log) for log in logs)


def test_the_token_and_errors_pass_through(balanced):
    _, _, client = balanced
    with client("x" * 40) as stranger, pytest.raises(StylizerError) as caught:
        stranger.server_info()
    assert caught.value.reason == "UNAUTHENTICATED"
    with client() as known, pytest.raises(StylizerError) as caught:
        known.get_style("none")
    assert caught.value.reason == "STYLE_NOT_FOUND"
