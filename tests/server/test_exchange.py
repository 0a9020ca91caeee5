"""Pictures through files: the same drawings, and nothing but pictures through them."""

import logging
import os
import sys
from pathlib import Path

import grpc
import numpy as np
import pytest

from nijigan.client import connect
from nijigan.client.errors import StylizerError
from nijigan.core.errors import ExchangeError
from nijigan.server import exchange as module
from nijigan.server.exchange import Exchange, exchange_folder
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan.v1 import stylizer_pb2 as pb

SECONDS = 20


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 256, (300, 400, 4), np.uint8)


def settings(name, picture, **more):
    height, width, _ = picture.shape
    content = {"style": "toy", "format": pb.PICTURE_FORMAT_RGBA8, "exchange_file": name}
    content |= {"width_px": width, "height_px": height, **more}
    return [pb.StylizeRequest(settings=pb.StylizeSettings(**content))]


def folder_of(client):
    return Path(client.ask("GetServerInfo", pb.GetServerInfoRequest()).exchange_folder)


def left_in(folder):
    return list(Path(folder).iterdir())


def test_a_stock_client_draws_through_a_file(client, picture):
    path = folder_of(client) / "picture"
    with path.open("w+b") as file:
        file.write(picture.tobytes())
        file.flush()
        responses = list(client.start(settings("picture", picture)))
        file.seek(0)
        drawn = np.frombuffer(file.read(), np.uint8).reshape(picture.shape)
    assert not any(response.WhichOneof("part") == "chunk" for response in responses)
    assert np.array_equal(drawn, client.stylize(picture)[1])
    assert not path.exists()


def test_our_client_takes_the_way_through_a_file_by_itself(toy_style, picture, monkeypatch):
    """And by the wire nothing of the picture goes."""
    received = []
    real = Exchange.read
    monkeypatch.setattr(Exchange, "read", lambda *args: received.append(args[1]) or real(*args))
    with running_sidecar([toy_style]) as sidecar:
        with connect() as client, connect(exchange=False) as by_wire:
            steps = []
            through_file = client.stylize(
                picture.tobytes(), 400, 300, style="toy", on_preview=lambda *_: steps.append(1)
            )
            assert len(received) == len(steps) == 1
            wire = by_wire.stylize(picture.tobytes(), 400, 300, style="toy")
            assert len(received) == 1
            assert through_file[:4] == wire[:4]
            small = client.stylize(bytes(16 * 16 * 4), 16, 16, style="toy")
            assert len(small.pixels) == 16 * 16 * 4
            assert len(received) == 1
            info = client.server_info()
            assert "exchange" in info.features
            assert left_in(info.exchange_folder) == []
        assert sidecar.calls.idle_seconds() > 0
    assert not Path(info.exchange_folder).exists()


def test_where_it_cannot_the_picture_goes_by_the_wire_and_the_log_says_so(
    toy_style, picture, monkeypatch, caplog
):
    def broken(*_):
        raise ExchangeError("The file cannot be opened here.")

    monkeypatch.setattr(Exchange, "read", broken)
    with running_sidecar([toy_style]), connect() as client, connect(exchange=True) as must:
        with caplog.at_level(logging.WARNING, "nijigan.client"):
            for _ in range(2):
                assert client.stylize(picture.tobytes(), 400, 300, style="toy").width == 400
        assert [record.message.partition(":")[0] for record in caplog.records] == [
            "the picture goes by the wire, not through a file"
        ]
        with pytest.raises(StylizerError, match="cannot be opened"):
            must.stylize(picture.tobytes(), 400, 300, style="toy")


def test_who_must_and_cannot_is_told(toy_style, picture, monkeypatch):
    """As where the client is on another machine, or in a sandbox."""
    with running_sidecar([toy_style]) as sidecar, connect(exchange=True) as client:
        monkeypatch.setattr("nijigan.client.client.os.access", lambda *_: False)
        with pytest.raises(StylizerError, match="share no folder"):
            client.stylize(picture.tobytes(), 400, 300, style="toy")
        with connect() as other:
            assert other.stylize(picture.tobytes(), 400, 300, style="toy").width == 400
        assert sidecar.token


def test_other_errors_are_not_taken_for_that(toy_style, picture):
    with running_sidecar([toy_style]), connect() as client:
        with pytest.raises(StylizerError) as caught:
            client.stylize(picture.tobytes(), 400, 300, style="tyo")
        assert caught.value.reason == "STYLE_NOT_FOUND"
        assert left_in(client.server_info().exchange_folder) == []


@pytest.mark.parametrize(
    "name", ["../exchange", "/etc/passwd", "..", ".", "a/b", "a\0b", "x" * 65, "none"]
)
def test_names_that_lead_elsewhere(client, picture, name):
    code, reason, _ = client.refusal(settings(name, picture))
    assert (code, reason) == ("FAILED_PRECONDITION", "EXCHANGE_FAILED")


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
@pytest.mark.parametrize("kind", ["link", "hard", "fifo", "folder", "short", "long"])
def test_what_is_no_plain_file_of_that_size(client, picture, tmp_path, kind):
    path, target = folder_of(client) / kind, folder_of(client) / "target"
    target.write_bytes(picture.tobytes())
    if kind == "link":
        path.symlink_to(target)
    elif kind == "hard":
        path.hardlink_to(target)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(picture.tobytes()[1:] if kind == "short" else picture.tobytes() + b"x")
    code, reason, _ = client.refusal(settings(kind, picture))
    assert (code, reason) == ("FAILED_PRECONDITION", "EXCHANGE_FAILED")
    target.unlink()
    if kind == "folder":
        path.rmdir()
    assert left_in(folder_of(client)) == []


def test_an_encoded_picture_has_no_file(client, picture):
    sent = settings("any", picture, format=pb.PICTURE_FORMAT_ENCODED)
    assert client.refusal(sent)[:2] == ("INVALID_ARGUMENT", "INVALID_REQUEST")


def test_a_file_cut_short_while_it_is_read(tmp_path, monkeypatch):
    """It is an error, and not the end of the process, as it would be of one that has it mapped."""
    (tmp_path / "picture").write_bytes(bytes(1000))
    real = os.fstat

    def cutting(descriptor):
        facts = real(descriptor)
        os.ftruncate(descriptor, 10)
        return facts

    monkeypatch.setattr("nijigan.server.exchange.os.fstat", cutting)
    with pytest.raises(ExchangeError):
        Exchange(tmp_path).read("picture", 1000)


def test_a_client_that_vanishes_leaves_nothing(picture, stock_client):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
        folder = folder_of(client)
        (folder / "picture").write_bytes(picture.tobytes())
        call = client.start(settings("picture", picture))
        assert fake.started.acquire(timeout=SECONDS)
        call.cancel()
        assert fake.cancelled.acquire(timeout=SECONDS)
        while left_in(folder):
            pass


def test_a_call_that_is_over_already_leaves_nothing(client, picture, monkeypatch):
    folder = folder_of(client)
    (folder / "picture").write_bytes(picture.tobytes())
    monkeypatch.setattr("grpc._server._Context.add_callback", lambda *_: False)
    with pytest.raises(grpc.RpcError):
        list(client.start(settings("picture", picture)))
    assert left_in(folder) == []


def test_what_no_call_has_named_is_swept_away(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SWEEP_SECONDS", 0.01)
    with exchange_folder(tmp_path) as exchange:
        names = ("left", "used", "new")
        exchange.claim("used")
        for name in names:
            (exchange.folder / f"{name}.part").write_bytes(b"x")
            if name != "new":
                os.utime(exchange.folder / f"{name}.part", (0, 0))
            (exchange.folder / f"{name}.part").rename(exchange.folder / name)
        while (exchange.folder / "left").exists():
            pass
        assert {path.name for path in left_in(exchange.folder)} == {"used", "new"}
        exchange.drop("used")
        assert [path.name for path in left_in(exchange.folder)] == ["new"]


def test_what_a_crash_left_is_removed_and_the_folder_is_the_user_s_alone(tmp_path):
    with exchange_folder(tmp_path) as exchange:
        (exchange.folder / "left").write_bytes(b"x")
        assert exchange.folder.stat().st_mode & 0o777 == 0o700
        kept = exchange.folder
        left = kept.with_name(kept.name + "-left")
        kept.rename(left)
    left.rename(kept)
    with exchange_folder(tmp_path) as again:
        assert again.folder == kept
        assert list(kept.iterdir()) == []
    assert not kept.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only there it is in memory")
def test_where_another_has_taken_the_place_in_memory_it_is_at_home(tmp_path, monkeypatch):
    with exchange_folder(tmp_path) as exchange:
        assert str(exchange.folder).startswith("/dev/shm")
        monkeypatch.setattr("nijigan.server.exchange._remove", lambda folder: None)
        with exchange_folder(tmp_path) as other:
            assert other.folder == tmp_path / "exchange"


def test_deep_pictures_and_regions_go_through_files_too(toy_style):
    pixels = np.random.default_rng(2).random((200, 300, 4), np.float32) * 3
    with running_sidecar([toy_style]), connect(exchange=True) as client:
        result = client.stylize(
            pixels.tobytes(), 300, 200, style="toy", strength=0, scale="native", format="RGBA32F",
            region=(10, 20, 30, 40),
        )  # fmt: skip
        drawn = np.frombuffer(result.pixels, "<f4").reshape(40, 30, 4)
        np.testing.assert_allclose(drawn, pixels[20:60, 10:40], rtol=1e-4, atol=1e-6)
