"""What Prometheus is told, read by its own parser."""

import socket
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from nijigan.core.errors import SidecarError
from nijigan.server.sidecar import Options
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan.v1 import stylizer_pb2 as pb


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def samples(port):
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def test_calls_pictures_and_their_stages_are_counted(free_port, toy_style, stock_client, pixels):
    options = Options(metrics_port=free_port)
    with running_sidecar([toy_style], options=options) as sidecar, stock_client(sidecar) as client:
        client.stylize(pixels)
        client.stylize(pixels, quality=pb.QUALITY_DRAFT)
        client.refusal(client.requests(pixels, style="tyo"))
        found = samples(free_port)
    calls = {
        result: found["nijigan_calls_total", ("method", "Stylize"), ("result", result)]
        for result in ("ok", "STYLE_NOT_FOUND")
    }
    assert calls == {"ok": 2, "STYLE_NOT_FOUND": 1}
    drawn = ("quality", "normal"), ("style", "toy")
    assert found["nijigan_pixels_total", *drawn] == pixels.shape[0] * pixels.shape[1]
    for stage in ("receive", "decode", "queue", "compute", "encode", "send"):
        labels = ("quality", "normal"), ("stage", stage), ("style", "toy")
        assert found["nijigan_stage_seconds_count", *labels] == 1
    assert found["nijigan_pictures_drawing",] == 0
    assert found["nijigan_graphs_loaded",] == 2
    assert found["process_resident_memory_bytes",] > 1 << 20
    assert not any("tyo" in str(key) for key in found)


def test_what_is_drawn_and_waits_now(free_port, stock_client, pixels):
    fake = FakeStylizer(held=True)
    options = Options(concurrent=1, metrics_port=free_port)
    with (
        running_sidecar(stylizer=fake, options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        first, second = (client.start(client.requests(pixels)) for _ in range(2))
        assert fake.started.acquire(timeout=10)
        while samples(free_port)["nijigan_pictures_waiting",] < 1:
            pass
        assert samples(free_port)["nijigan_pictures_drawing",] == 1
        fake.release()
        list(first)
        list(second)


def test_a_port_that_is_taken(free_port):
    with socket.create_server(("127.0.0.1", free_port)):
        start = running_sidecar(options=Options(metrics_port=free_port))
        with pytest.raises(SidecarError, match=f"{free_port} cannot be listened on"), start:
            pass
