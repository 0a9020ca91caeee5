"""What others could try: each of these fails if its guard is taken away."""

import io
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
import zlib
from contextlib import ExitStack

import grpc
import numpy as np
import pytest
from PIL import Image

from nijigan.core.errors import StyleError
from nijigan.export.style import load_style
from nijigan.server.sidecar import Options
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan.v1 import stylizer_pb2 as pb

SECONDS = 20
CONNECTIONS = 1000


def encoded(data):
    """The messages that send a file."""
    settings = pb.StylizeSettings(style="toy", format=pb.PICTURE_FORMAT_ENCODED)
    yield pb.StylizeRequest(settings=settings)
    for start in range(0, len(data), 1 << 20):
        yield pb.StylizeRequest(chunk=data[start : start + (1 << 20)])


def status(client, **call):
    with pytest.raises(grpc.RpcError) as caught:
        client.stub.GetServerInfo(pb.GetServerInfoRequest(), timeout=SECONDS, **call)
    return caught.value.code()


def test_headers_have_a_limit(client):
    most = client.ask("GetServerInfo", pb.GetServerInfoRequest()).limits.max_header_bytes
    bomb = [*client.metadata, ("x-bomb", "x" * most)]
    assert status(client, metadata=bomb) is grpc.StatusCode.RESOURCE_EXHAUSTED
    small = [*client.metadata, ("x-small", "x" * (most // 2))]
    client.stub.GetServerInfo(pb.GetServerInfoRequest(), timeout=SECONDS, metadata=small)


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_messages_have_a_limit_also_once_they_are_unpacked(sidecar, client, compression):
    most = client.ask("GetServerInfo", pb.GetServerInfoRequest()).limits.max_message_bytes
    bomb = pb.GetStyleRequest(name="x" * (most + 1))  # a few KiB, packed
    with grpc.insecure_channel(sidecar.address, compression=compression) as channel:
        ask = channel.unary_unary(
            "/nijigan.v1.StylizerService/GetStyle",
            request_serializer=pb.GetStyleRequest.SerializeToString,
            response_deserializer=pb.GetStyleResponse.FromString,
        )
        with pytest.raises(grpc.RpcError) as caught:
            ask(bomb, timeout=SECONDS, metadata=client.metadata)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    client.ask("GetServerInfo", pb.GetServerInfoRequest())


def png(width, height, *chunks):
    """A PNG file of no pixels that says it has that size."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *(chunk(*each) for each in chunks), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_file_that_says_it_is_huge_is_not_unpacked(client):
    code, reason, _ = client.refusal(encoded(png(60_000, 60_000, (b"IDAT", b""))))
    assert (code, reason) == ("INVALID_ARGUMENT", "IMAGE_TOO_LARGE")


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_what_a_file_packs_beside_its_pixels_is_not_unpacked_either(client, kind):
    packed = zlib.compress(bytes(300 << 20), 9)  # 300 MB in 300 KB
    data = png(32, 32, (kind, b"name\0\0" + packed), (b"IDAT", zlib.compress(bytes(32 * 97))))
    before = peak_mib()
    code, reason, _ = client.refusal(encoded(data))
    assert (code, reason) == ("INVALID_ARGUMENT", "INVALID_IMAGE")
    assert peak_mib() - before < 150


def peak_mib():
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize(
    "name", ["../toy", "./toy", "toy/", "/etc/passwd", "..", "", "toy\0", "..\\toy", "TOY", "%2e"]
)
def test_names_of_styles_are_no_paths(client, name, pixels):
    for call in (
        lambda: list(client.start(client.requests(pixels, style=name))),
        lambda: client.ask("GetStyle", pb.GetStyleRequest(name=name, include_preview=True)),
        lambda: client.ask("LoadStyle", pb.LoadStyleRequest(name=name)),
        lambda: client.ask("UnloadStyle", pb.UnloadStyleRequest(name=name)),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert client.error_info(caught.value).reason == "STYLE_NOT_FOUND"


@pytest.mark.parametrize("name", ["weights.bin", "normal.onnx"])
def test_a_style_s_files_are_no_links(toy_style, tmp_path, name):
    folder = shutil.copytree(toy_style, tmp_path / "toy")
    (folder / name).rename(tmp_path / name)
    (folder / name).symlink_to(tmp_path / name)
    with pytest.raises(StyleError, match="symbolic link"):
        load_style(folder)


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can be another user"
)
def test_another_user_cannot_read_the_token():
    read = "import sys; print(len(open(sys.argv[1]).read()))"

    def as_nobody():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    with running_sidecar(stylizer=FakeStylizer()) as sidecar:
        sidecar.home.chmod(0o755)  # as a home folder may be
        for name in ("sidecar.json", "logs/sidecar.log"):
            command = ["/usr/bin/env", "python3", "-c", read, sidecar.home / name]
            mine = subprocess.run(command, capture_output=True, check=False)
            other = subprocess.run(command, capture_output=True, check=False, preexec_fn=as_nobody)
            assert (mine.returncode, other.returncode) == (0, 1)
            assert b"Permission denied" in other.stderr


def test_a_thousand_connections_keep_nobody_out(sidecar, client):
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 2 * CONNECTIONS + 500:
        pytest.skip(f"this machine allows {most} open files")
    with ExitStack() as connections:
        for _ in range(CONNECTIONS):
            connections.enter_context(socket.create_connection(("127.0.0.1", sidecar.port)))
        with type(client)(sidecar) as another:
            another.ask("GetServerInfo", pb.GetServerInfoRequest())
    client.ask("GetServerInfo", pb.GetServerInfoRequest())


def test_more_calls_than_there_may_be_are_refused_and_then_it_goes_on(stock_client, pixels):
    fake = FakeStylizer(held=True)
    options = Options(concurrent=1, queued=3)
    with (
        running_sidecar(stylizer=fake, options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        limits = client.ask("GetServerInfo", pb.GetServerInfoRequest()).limits
        calls = [client.start(client.requests(pixels)) for _ in range(3 * limits.max_calls)]
        assert fake.started.acquire(timeout=SECONDS)
        most = limits.max_concurrent + limits.max_queued
        end = time.monotonic() + SECONDS
        while sum(call.done() for call in calls) < len(calls) - most:
            assert time.monotonic() < end, "the others are refused"
            time.sleep(0.01)
        fake.release()
        ended = [outcome(call) for call in calls]
        assert set(ended) == {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
        assert ended.count(grpc.StatusCode.OK) <= most
        client.stylize(pixels)


def outcome(call):
    try:
        list(call)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def test_a_connection_that_never_speaks_is_closed(monkeypatch):
    from nijigan.server import sidecar as module

    quick = [("grpc.server_handshake_timeout_ms", 200)]
    others = [each for each in module._OPTIONS if each[0] != quick[0][0]]
    assert len(others) == len(module._OPTIONS) - 1
    monkeypatch.setattr(module, "_OPTIONS", others + quick)
    with (
        running_sidecar(stylizer=FakeStylizer()) as sidecar,
        socket.create_connection(("127.0.0.1", sidecar.port), SECONDS) as silent,
    ):
        silent.settimeout(SECONDS)
        while silent.recv(4096):
            pass


def test_pictures_that_lie_about_their_size(client):
    pixels = np.zeros((32, 32, 4), np.uint8)
    for said in ({"width_px": 33}, {"height_px": 31}, {"width_px": 2**31, "height_px": 2**31}):
        code, reason, _ = client.refusal(client.requests(pixels, **said))
        assert code == "INVALID_ARGUMENT"
        assert reason in ("INVALID_IMAGE", "IMAGE_TOO_LARGE")
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    assert client.refusal(encoded(file.getvalue()[:-60]))[1] == "INVALID_IMAGE"
