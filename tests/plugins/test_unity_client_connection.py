"""The connection of Unity's client: odd frames, hostile servers, other servers, encryption."""

import asyncio
import random
import shutil
import socket
import ssl
import struct
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread

import numpy as np
import pytest
import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded
from h2.settings import SettingCodes, Settings
from hpack import Encoder

from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan.v1 import stylizer_pb2 as pb

SECONDS = 30
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RESET, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED, PRIORITIZED = 1, 4, 8, 32


def frame(kind, flags=0, stream=0, payload=b""):
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + struct.pack(">I", stream) + payload
    )


def settings_frame(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", *pair) for pair in pairs))


@contextmanager
def serving(handle):
    """A TCP server; each connection is handled on a thread. Gives the address."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        over = Event()

        def run(connected):
            with connected, suppress(OSError):  # the client has closed it
                handle(connected)

        def accept():
            while not over.is_set():
                try:
                    connected, _ = listening.accept()
                except OSError:
                    return
                Thread(target=run, args=(connected,), daemon=True).start()

        accepting = Thread(target=accept, daemon=True)
        accepting.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join(SECONDS)


class Frames:
    """Cuts a stream of bytes into frames, of which the last may be there in part."""

    def __init__(self):
        self._pending = b""

    def feed(self, data):
        self._pending += data
        whole = []
        while len(self._pending) >= 9:
            end = 9 + int.from_bytes(self._pending[:3], "big")
            if len(self._pending) < end:
                break
            whole.append(self._pending[:end])
            self._pending = self._pending[end:]
        return whole


class Fuzz:
    """Changes what a server sends into something else that means the same.

    What the client answers to the frames that were put in, the server does not get.
    """

    def __init__(self, seed):
        self.rng = random.Random(seed)
        kinds = ("split", "padded", "continued", "injected", "reordered", "windows")
        self.counts = dict.fromkeys(kinds, 0)
        self._down, self._up = Frames(), Frames()
        self._greeting = len(PREFACE)
        self._pings = set()
        self._greeted = False
        self._settings = []  # whose acknowledgements are due: whether they are ours

    def from_client(self, data):
        """Return what of it the server gets."""
        greeting, data = data[: self._greeting], data[self._greeting :]
        self._greeting -= len(greeting)
        return greeting + b"".join(each for each in self._up.feed(data) if not self._is_ours(each))

    def _is_ours(self, each):
        if each[3] == SETTINGS and each[4] & 1:
            return self._settings.pop(0)
        return each[3] == PING and each[9:] in self._pings

    def from_server(self, data):
        """Return pieces to be sent to the client."""
        frames = self._down.feed(data)
        self._reorder(frames)
        changed = b"".join(self._inject() + self._changed(each) for each in frames)
        pieces = []
        while changed:
            size = self.rng.choice([1, 5, 9, 100, 5000, 1 << 17])
            pieces.append(changed[:size])
            changed = changed[size:]
        return pieces

    def _reorder(self, frames):
        """Let neighbors change places that are data of different streams."""
        for i in range(len(frames) - 1):
            one, other = frames[i], frames[i + 1]
            if one[3] == other[3] == DATA and one[5:9] != other[5:9] and self.rng.random() < 0.5:
                frames[i], frames[i + 1] = other, one
                self.counts["reordered"] += 1

    def _inject(self):
        rng = self.rng
        if not self._greeted or rng.random() < 0.7:  # the server's own settings come first
            return b""
        self.counts["injected"] += 1
        kind = rng.choice([PING, SETTINGS, PRIORITY, None])
        if kind == PING:
            self._pings.add(content := rng.randbytes(8))
            return frame(PING, rng.choice([0, 1]), 0, content)
        if kind == SETTINGS:
            self._settings.append(True)
            return settings_frame((0xF0F0, rng.randrange(2**32)), (5, 1 << 14))
        if kind == PRIORITY:
            return frame(PRIORITY, 0, rng.choice([1, 3, 99]), struct.pack(">IB", 0, 7))
        content = rng.randbytes(rng.randrange(40))
        return frame(rng.randrange(10, 256), rng.randrange(256), rng.choice([0, 1, 7]), content)

    def _changed(self, whole):
        kind, flags, payload = whole[3], whole[4], whole[9:]
        stream = struct.unpack(">I", whole[5:9])[0]
        if kind == SETTINGS and not flags & 1:
            self._settings.append(False)
            self._greeted = True
        if kind == WINDOW and payload[2:] != b"\0\1":
            self.counts["windows"] += 1
            rest = struct.pack(">I", struct.unpack(">I", payload)[0] - 1)
            return frame(WINDOW, 0, stream, b"\0\0\0\1") + frame(WINDOW, 0, stream, rest)
        if kind == DATA:
            return self._data(flags, stream, payload)
        if kind == HEADERS and flags & END_HEADERS and not flags & PRIORITIZED:
            return self._headers(flags, stream, payload)
        return whole

    def _data(self, flags, stream, payload):
        """Cut it; where there are few bytes, pad it (padding takes from the window)."""
        cut = self.rng.randrange(len(payload) + 1)
        parts = [payload[:cut], payload[cut:]]
        self.counts["split"] += 1
        out = b""
        for i, part in enumerate(parts):
            mine = flags if i == 1 else 0
            if len(payload) < 200 and self.rng.random() < 0.5:
                padding = self.rng.randrange(256)
                part = bytes([padding]) + part + bytes(padding)
                mine |= PADDED
                self.counts["padded"] += 1
            out += frame(DATA, mine, stream, part)
        return out

    def _headers(self, flags, stream, block):
        cuts = sorted(self.rng.randrange(len(block) + 1) for _ in range(self.rng.randrange(3)))
        parts = [block[a:b] for a, b in zip([0, *cuts], [*cuts, len(block)], strict=True)]
        self.counts["continued"] += len(parts) > 1
        first = parts[0]
        mine = flags & END_STREAM | (END_HEADERS if len(parts) == 1 else 0)
        if self.rng.random() < 0.5:
            first = struct.pack(">IB", 0, 3) + first
            mine |= PRIORITIZED
        if self.rng.random() < 0.5:
            padding = self.rng.randrange(60)
            first = bytes([padding]) + first + bytes(padding)
            mine |= PADDED
        out = frame(HEADERS, mine, stream, first)
        for i, part in enumerate(parts[1:], start=2):
            out += frame(CONTINUATION, END_HEADERS * (i == len(parts)), stream, part)
        return out


@contextmanager
def fuzzing(address, seed):
    """A proxy before the server at `address`; gives its address and the changes that it made."""
    host, port = address.split(":")
    made = []

    def handle(client):
        fuzz = Fuzz(seed)
        made.append(fuzz.counts)
        with socket.create_connection((host, int(port))) as server:

            def upstream():
                rng = random.Random(seed)
                while data := client.recv(rng.choice([1 << 10, 1 << 16])):
                    server.sendall(fuzz.from_client(data))
                server.shutdown(socket.SHUT_WR)

            sending = Thread(target=lambda: suppress_os_error(upstream), daemon=True)
            sending.start()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := server.recv(1 << 16):
                for piece in fuzz.from_server(data):
                    client.sendall(piece)

    with serving(handle) as proxied:
        yield proxied, made


def suppress_os_error(action):
    with suppress(OSError):
        action()


@pytest.mark.parametrize("seed", range(6))
def test_calls_through_a_proxy_that_says_it_otherwise(unity, tmp_path, seed):
    rng = np.random.default_rng(seed)
    with (
        running_sidecar(stylizer=FakeStylizer()) as sidecar,
        fuzzing(sidecar.address, seed) as (address, made),
        unity(address=address, token=sidecar.token, exchange=False) as calls,
    ):
        for turn in range(10):
            begun = []
            for i in range(3):
                height, width = (int(n) for n in rng.integers(16, 200, 2))
                pixels = rng.integers(0, 256, (height, width, 4), np.uint8)
                pixels.tofile(tmp_path / f"in{i}")
                asked = {"picture": str(tmp_path / f"in{i}"), "width": width, "height": height}
                out = tmp_path / f"out{turn}-{i}"
                begun.append((pixels, out, calls.begin("stylize", **asked, out=str(out))))
            infos = [calls.begin("info") for _ in range(2)]
            unknown = calls.begin("style", name="none")
            for pixels, out, call in begun:
                answer = call.result(SECONDS)
                assert "error" not in answer, answer
                drawn = np.fromfile(out, np.uint8).reshape(pixels.shape)
                assert np.array_equal(drawn[..., :3], 255 - pixels[..., :3])
            assert [info.result(SECONDS)["api_level"] for info in infos] == [1, 1]
            assert unknown.result(SECONDS)["reason"] == "STYLE_NOT_FOUND"
        frames = calls.do("frames", pictures=[[str(tmp_path / "in0"), 16, 16]] * 4)["frames"]
        assert [each["number"] for each in frames] == [0, 1, 2, 3]
    (counts,) = made  # one connection carried all
    assert all(counts.values()), counts


ANSWER = pb.GetServerInfoResponse(version="h2", api_level=1).SerializeToString()
OK_HEADERS = [(":status", "200"), ("content-type", "application/grpc")]


def message(data):
    return struct.pack(">BI", 0, len(data)) + data


class HandServer:
    """A server of h2, a library that shares nothing with grpcio. `answer` is told of each call."""

    def __init__(self, answer, settings=None):
        self._answer = answer
        self._settings = settings or {}
        self.received = {}
        self.headers = {}

    def __call__(self, connected):
        self.connected = connected
        connection = self.connection = H2Connection(
            H2Configuration(client_side=False, header_encoding="utf-8")
        )
        connection.local_settings = Settings(client=False, initial_values=self._settings)
        connection.initiate_connection()
        self.flush()
        while data := connected.recv(1 << 16):
            for event in connection.receive_data(data):
                if isinstance(event, RequestReceived):
                    self.headers[event.stream_id] = dict(event.headers)
                    self.received[event.stream_id] = b""
                elif isinstance(event, DataReceived):
                    self.received[event.stream_id] += event.data
                    connection.acknowledge_received_data(
                        event.flow_controlled_length, event.stream_id
                    )
                elif isinstance(event, StreamEnded):
                    self._answer(self, event.stream_id)
            self.flush()

    def flush(self):
        self.connected.sendall(self.connection.data_to_send())

    def answer(self, stream, trailers=(("grpc-status", "0"),)):
        self.connection.send_headers(stream, OK_HEADERS)
        self.connection.send_data(stream, message(ANSWER))
        self.connection.send_headers(stream, list(trailers), end_stream=True)


def test_a_server_of_another_make_with_narrow_windows_and_small_frames(unity, tmp_path):
    """It lets few bytes through at a time."""

    def answer(server, stream):
        server.answer(stream, [("grpc-status", "5"), ("grpc-message", "none")])

    server = HandServer(answer, {SettingCodes.INITIAL_WINDOW_SIZE: 1000})
    pixels = bytes(range(256)) * 400
    (tmp_path / "in").write_bytes(pixels)
    with (
        serving(server) as address,
        unity(address=address, token="secret", exchange=False) as calls,
    ):
        calls.do("info")  # before it has come, nobody knows of the windows
        for _ in range(3):
            asked = {"picture": str(tmp_path / "in"), "width": 160, "height": 160}
            error = calls.do("stylize", **asked, timeout=20)
            assert (error["code"], error["fact"]) == ("NotFound", "none")
        headers = server.headers[7]
        assert (headers[":path"], headers["te"]) == (
            "/nijigan.v1.StylizerService/Stylize",
            "trailers",
        )
        assert (headers["authorization"], headers["grpc-timeout"]) == ("Bearer secret", "20000m")
        data, chunks = server.received[7], b""
        while data:
            size = struct.unpack(">I", data[1:5])[0]
            chunks += pb.StylizeRequest.FromString(data[5 : 5 + size]).chunk
            data = data[5 + size :]
        assert chunks == pixels


def test_calls_wait_where_the_server_allows_few_at_once(unity):
    server = HandServer(HandServer.answer, {SettingCodes.MAX_CONCURRENT_STREAMS: 1})
    with serving(server) as address, unity(address=address, token="t") as calls:
        calls.do("info")  # before it has come, nobody knows of that
        begun = [calls.begin("info") for _ in range(5)]
        assert [call.result(SECONDS)["version"] for call in begun] == ["h2"] * 5


def test_a_window_below_nothing(unity, tmp_path):
    """1000 bytes are allowed, 800 are taken back, 900 are added: 100 may go on."""
    seen, begun, known = [], Event(), Event()

    def handle(connected):
        frames, changed = Frames(), False
        connected.sendall(settings_frame((4, 1000)))
        connected.recv(len(PREFACE), socket.MSG_WAITALL)
        while data := connected.recv(1 << 16):
            for each in frames.feed(data):
                if each[3] == SETTINGS and each[4] & 1:
                    known.set()
                if each[3] == HEADERS:
                    begun.set()
                if each[3] == DATA and each[8] == 3:
                    seen.append(len(each) - 9)
            if sum(seen) == 1000 and not changed:
                changed = True
                connected.sendall(settings_frame((4, 200)))
                connected.sendall(frame(WINDOW, 0, 3, struct.pack(">I", 800)))
                connected.sendall(frame(WINDOW, 0, 3, struct.pack(">I", 100)))

    (tmp_path / "in").write_bytes(bytes(4096))
    asked = {"picture": str(tmp_path / "in"), "width": 32, "height": 32, "timeout": 1}
    with serving(handle) as address, unity(address=address, token="t", exchange=False) as calls:
        first = calls.begin("info")
        assert begun.wait(SECONDS)
        assert known.wait(SECONDS)
        calls.do("cancel", of=first.number)
        assert calls.do("stylize", **asked)["error"] == "DeadlineException"
    assert sum(seen) == 1100


def wait_for(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_headers_before_the_answer_and_large_ones_after_it(unity):
    def answer(server, stream):
        server.connection.send_headers(stream, [(":status", "103")])
        server.answer(
            stream, [("grpc-status", "0"), ("x-more-bin", "AAEC"), ("x-" + "y" * 99, "z" * 4000)]
        )

    with serving(HandServer(answer)) as address, unity(address=address, token="t") as calls:
        assert calls.do("info")["version"] == "h2"


@pytest.mark.parametrize(
    ("headers", "data", "reason"),
    [
        (
            [(":status", "404"), ("content-type", "text/html")],
            b"<h1>404</h1>" * 999,
            "INCOMPATIBLE",
        ),
        ([(":status", "200"), ("content-type", "application/json")], b"{}", "INCOMPATIBLE"),
        (OK_HEADERS, message(ANSWER), "INCOMPATIBLE"),  # and no trailers
        (OK_HEADERS, message(b"\xff" * 20), "INCOMPATIBLE"),
        (OK_HEADERS, b"\1" + message(ANSWER)[1:], ""),
        (OK_HEADERS, struct.pack(">BI", 0, 2**32 - 1) + b"x" * 99, ""),
        (OK_HEADERS, struct.pack(">BI", 0, (4 << 20) + 1) + b"x" * 99, ""),
    ],
)
def test_answers_that_are_none(unity, headers, data, reason):
    def answer(server, stream):
        server.connection.send_headers(stream, headers)
        server.connection.send_data(stream, data, end_stream=True)

    with serving(HandServer(answer)) as address, unity(address=address, token="t") as calls:
        for _ in range(2):
            error = calls.do("info")
            assert "Exception" in error["error"]
            assert error["reason"] == reason


def test_more_than_was_asked_for_is_not_taken(unity, tmp_path):
    """A result of 4 KB that becomes endless; the memory stays."""
    chunk = message(pb.StylizeResponse(chunk=bytes(1 << 16)).SerializeToString())

    def answer(server, stream):
        server.connection.send_headers(stream, OK_HEADERS)
        server.connection.send_data(stream, chunk[: 1 << 14])
        server.connection.send_data(stream, chunk[1 << 14 : 1 << 15])
        server.connection.send_data(stream, chunk[1 << 15 : 3 << 14])
        server.connection.send_data(stream, chunk[3 << 14 :])

    (tmp_path / "in").write_bytes(bytes(4096))
    with (
        serving(HandServer(answer)) as address,
        unity(address=address, token="t", exchange=False) as calls,
    ):
        error = calls.do("stylize", picture=str(tmp_path / "in"), width=32, height=32)
        assert "a result of more than 4096 bytes" in error["text"]


def test_progress_without_end_does_not_heap_up(unity, tmp_path):
    stage = message(pb.StylizeResponse(progress=pb.Progress(stage="s" * 9000)).SerializeToString())

    def answer(server, stream):
        server.connection.send_headers(stream, OK_HEADERS)
        for _ in range(7000):  # 63 MB, 126 MB as text
            server.connection.send_data(stream, stage)
            server.flush()
            while server.connection.local_flow_control_window(stream) < 2 * len(stage):
                server.connection.receive_data(server.connected.recv(1 << 16))
        server.connection.send_headers(stream, [("grpc-status", "5")], end_stream=True)

    (tmp_path / "in").write_bytes(bytes(4096))
    with (
        serving(HandServer(answer)) as address,
        unity(address=address, token="t", exchange=False) as calls,
    ):
        asked = {"picture": str(tmp_path / "in"), "width": 32, "height": 32, "slow": True}
        drawing = calls.begin("stylize", **asked)
        while not drawing.done():
            assert calls.do("memory")["bytes"] < 60e6
        assert drawing.result()["code"] == "NotFound"


def block(*headers):
    return Encoder().encode([*OK_HEADERS, *headers])


OPEN = frame(HEADERS, END_HEADERS, 1, block())
HOSTILE = {
    "closes at once": b"",
    "HTTP/1.1": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "zeros": bytes(99),
    "no settings first": frame(PING, 0, 0, bytes(8)),
    "settings cut off": frame(SETTINGS, 0, 0, bytes(5)),
    "settings of a stream": frame(SETTINGS, 0, 1, b""),
    "acknowledged with content": settings_frame() + frame(SETTINGS, 1, 0, bytes(6)),
    "push allowed": settings_frame((2, 1)),
    "window too large": settings_frame((4, 2**31)),
    "frames too small": settings_frame((5, 100)),
    "frames too large": settings_frame((5, 1 << 24)),
    "a frame of 16 MB": settings_frame() + b"\xff\xff\xff" + frame(DATA, 0, 1)[3:],
    "a push": settings_frame() + frame(PUSH, END_HEADERS, 1, struct.pack(">I", 2) + block()),
    "data of no stream": settings_frame() + frame(DATA, 0, 0, b"x"),
    "data of an unknown stream": settings_frame() + frame(DATA, 0, 7, b"x"),
    "data of an even stream": settings_frame() + frame(DATA, 0, 2, b"x"),
    "data before headers": settings_frame() + frame(DATA, 0, 1, b"x"),
    "all padding": settings_frame() + OPEN + frame(DATA, PADDED, 1, b"\x09abc"),
    "padding of nothing": settings_frame() + OPEN + frame(DATA, PADDED, 1, b""),
    "headers of no stream": settings_frame() + frame(HEADERS, END_HEADERS, 0, block()),
    "headers cut off": settings_frame() + frame(HEADERS, END_HEADERS | PRIORITIZED, 1, b"abc"),
    "headers interrupted": settings_frame()
    + frame(HEADERS, 0, 1, block())
    + frame(PING, 0, 0, bytes(8)),
    "continued by another": settings_frame() + frame(HEADERS, 0, 1) + frame(CONTINUATION, 4, 3),
    "continued from nothing": settings_frame() + frame(CONTINUATION, 4, 1, block()),
    "no HPACK": settings_frame() + frame(HEADERS, END_HEADERS, 1, b"\x80"),
    "HPACK cut off": settings_frame() + frame(HEADERS, END_HEADERS, 1, b"\x40\x7f"),
    "headers without end": settings_frame()
    + frame(HEADERS, 0, 1)
    + frame(CONTINUATION, 0, 1, bytes(16000)) * 9,
    "a header bomb": settings_frame()
    + frame(
        HEADERS,
        END_HEADERS | END_STREAM,
        1,
        b"\x40\x01a\x7f\x81\x1e" + b"b" * 4000 + b"\xbe" * 16000,
    ),
    "trailers that end nothing": settings_frame() + OPEN + frame(HEADERS, END_HEADERS, 1, block()),
    "reset cut off": settings_frame() + frame(RESET, 0, 1, b"abc"),
    "reset": settings_frame() + frame(RESET, 0, 1, struct.pack(">I", 7)),
    "reset of nobody": settings_frame() + frame(RESET, 0, 99, struct.pack(">I", 7)),
    "ping cut off": settings_frame() + frame(PING, 0, 0, b"abc"),
    "ping of a stream": settings_frame() + frame(PING, 0, 1, bytes(8)),
    "goodbye cut off": settings_frame() + frame(GOAWAY, 0, 0, b"abc"),
    "goodbye": settings_frame() + frame(GOAWAY, 0, 0, bytes(8)),
    "window of nothing": settings_frame() + frame(WINDOW, 0, 0, bytes(4)),
    "window cut off": settings_frame() + frame(WINDOW, 0, 0, bytes(3)),
    "window overflow": settings_frame() + frame(WINDOW, 0, 0, b"\x7f\xff\xff\xff"),
    "window overflow of a stream": settings_frame() + frame(WINDOW, 0, 1, b"\x7f\xff\xff\xff"),
    "priority of no stream": settings_frame() + frame(PRIORITY, 0, 0, bytes(5)),
    "more than the window": settings_frame()
    + OPEN
    + frame(DATA, 0, 1, message(bytes(9))[:5] + bytes(1 << 17)) * 70,
    "pings without end": settings_frame() + frame(PING, 0, 0, bytes(8)) * 99999,
    "settings without end": settings_frame() * 99999,
}


def begin_badly(connected, content):
    """Wait for the headers of the call, say it, and read until the client goes or sends no more."""
    seen = b""
    while frame(HEADERS)[3:4] + bytes([END_HEADERS]) + struct.pack(">I", 1) not in seen:
        data = connected.recv(1 << 16)
        if not data:
            return
        seen += data
    connected.sendall(content)
    connected.shutdown(socket.SHUT_WR)
    while connected.recv(1 << 16):
        pass


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server(unity, name):
    with (
        serving(lambda connected: begin_badly(connected, HOSTILE[name])) as address,
        unity(address=address, token="t") as calls,
    ):
        for _ in range(2):
            error = calls.do("info")
            assert error["error"] in (
                "SidecarNotRunningException",
                "IncompatibleException",
                "StylizerException",
            ), error
        assert calls.do("memory")["bytes"] < 30e6


@pytest.mark.parametrize("seed", range(4))
def test_garbage(unity, seed):
    """Random bytes, and good answers in which some bytes are others."""
    rng = random.Random(seed)
    good = settings_frame() + OPEN + frame(DATA, 0, 1, message(ANSWER))
    good += frame(HEADERS, END_HEADERS | END_STREAM, 1, Encoder().encode([("grpc-status", "0")]))

    def content():
        if rng.random() < 0.3:
            return settings_frame() + rng.randbytes(rng.randrange(3000))
        damaged = bytearray(good)
        for _ in range(rng.randrange(1, 5)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        return bytes(damaged[: rng.randrange(len(damaged) + 1)])

    with (
        serving(lambda connected: begin_badly(connected, content())) as address,
        unity(address=address, token="t") as calls,
    ):
        answers = [calls.do("info") for _ in range(60)]
        assert sum("error" in answer for answer in answers) > 30
        assert {answer.get("error") for answer in answers} <= {
            None,  # what was changed said nothing
            "SidecarNotRunningException",
            "IncompatibleException",
            "StylizerException",
            "TokenException",
            "DeadlineException",
        }
        assert calls.do("memory")["bytes"] < 30e6


def test_cancel_and_deadline_while_the_server_reads_nothing(unity, tmp_path):
    (tmp_path / "in").write_bytes(bytes(64 << 20))
    asked = {"picture": str(tmp_path / "in"), "width": 4096, "height": 4096}
    done = Event()
    with (
        serving(lambda connected: done.wait(SECONDS)) as address,
        unity(address=address, token="t", exchange=False) as calls,
    ):
        assert calls.do("stylize", **asked, timeout=0.1)["error"] == "DeadlineException"
        call = calls.begin("stylize", **asked)
        began = time.monotonic()
        calls.do("cancel", of=call.number)
        # The one or the other, as it was connected already or not.
        assert call.result(SECONDS)["error"] in (
            "TaskCanceledException",
            "OperationCanceledException",
        )
        assert time.monotonic() - began < 1
        calls.do("close")
        done.set()


def test_a_network_that_has_gone_silent_is_left(unity, tmp_path):
    """The first connection answers once, and then no more; nobody is told that it is gone."""
    (tmp_path / "in").write_bytes(bytes(16 * 16 * 4))
    asked = {"picture": str(tmp_path / "in"), "width": 16, "height": 16, "timeout": 0.5}
    answered, connections, done = Event(), [], Event()

    def answer(server, stream):
        server.answer(stream)
        server.flush()
        if len(connections) == 1:
            answered.set()
            done.wait(SECONDS)
            raise OSError("it is gone")

    def handle(connected):
        connections.append(connected)
        HandServer(answer)(connected)

    with serving(handle) as address, unity(address=address, token="t", exchange=False) as calls:
        assert calls.do("info")["version"] == "h2"
        assert answered.wait(SECONDS)
        assert calls.do("stylize", **asked)["error"] == "DeadlineException"
        assert calls.do("info")["version"] == "h2"
        assert len(connections) == 2
        done.set()


def test_a_slow_answer_keeps_the_connection(unity, tmp_path):
    (tmp_path / "in").write_bytes(bytes(16 * 16 * 4))
    asked = {"picture": str(tmp_path / "in"), "width": 16, "height": 16, "timeout": 0.5}
    connections = []

    def answer(server, stream):
        if server.headers[stream][":path"].endswith("GetServerInfo"):
            server.answer(stream)
        else:  # it lives, and has nothing to say yet
            server.connection.ping(b"12345678")

    def handle(connected):
        connections.append(connected)
        HandServer(answer)(connected)

    with serving(handle) as address, unity(address=address, token="t", exchange=False) as calls:
        for _ in range(2):
            assert calls.do("stylize", **asked)["error"] == "DeadlineException"
            assert calls.do("info")["version"] == "h2"
        assert len(connections) == 1


def test_pings_are_answered_and_a_reset_is_told(unity):
    got, begun = [], Event()

    def handle(connected):
        connected.sendall(settings_frame() + frame(PING, 0, 0, b"12345678"))
        data = b""
        while piece := connected.recv(1 << 16):
            data += piece
            got[:] = [data]
            if frame(PING, 1, 0, b"12345678") in data and b"GetServerInfo" in data:
                begun.set()

    with serving(handle) as address, unity(address=address, token="t") as calls:
        call = calls.begin("info")
        assert begun.wait(SECONDS)
        calls.do("cancel", of=call.number)
        assert call.result(SECONDS)["error"] == "TaskCanceledException"
        wait_for(lambda: frame(RESET, 0, 1, struct.pack(">I", 8)) in got[0])


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt: nginx-light)")
def test_through_nginx(unity, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with running_sidecar(stylizer=FakeStylizer()) as sidecar, ExitStack() as stack:
        places = "".join(
            f"{kind}_temp_path {tmp_path}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (tmp_path / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {tmp_path}/pid;\nerror_log stderr;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{places}"
            f"server {{\nlisten 127.0.0.1:{port} http2;\nclient_max_body_size 0;\n"
            f"location / {{ grpc_pass grpc://{sidecar.address}; }}\n}}\n}}\n"
        )
        command = [NGINX, "-p", tmp_path, "-c", tmp_path / "nginx.conf"]
        nginx = stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        stack.callback(nginx.terminate)
        pixels = np.random.default_rng(0).integers(0, 256, (1200, 1000, 4), np.uint8)
        pixels.tofile(tmp_path / "in")
        asked = {"picture": str(tmp_path / "in"), "width": 1000, "height": 1200}
        with unity(address=f"127.0.0.1:{port}", token=sidecar.token, exchange=False) as calls:
            wait_for(lambda: "error" not in calls.do("info"))
            begun = [
                calls.begin("stylize", **asked, out=str(tmp_path / f"out{i}")) for i in range(3)
            ]
            for i, call in enumerate(begun):
                assert "error" not in call.result(SECONDS)
                drawn = np.fromfile(tmp_path / f"out{i}", np.uint8).reshape(pixels.shape)
                assert np.array_equal(drawn[..., :3], 255 - pixels[..., :3])
            assert calls.do("style", name="none")["reason"] == "STYLE_NOT_FOUND"
            frames = calls.do("frames", pictures=[[asked["picture"], 16, 16]] * 3)["frames"]
            assert [each["number"] for each in frames] == [0, 1, 2]
            nginx.terminate()
            nginx.wait(SECONDS)
            assert calls.do("info")["reason"] == "SIDECAR_UNAVAILABLE"


def authority():
    names = {"organization_name": "Studio", "organization_unit_name": "Root"}
    return trustme.CA(**names, key_type=trustme.KeyType.RSA)


@contextmanager
def encrypted(address, folder, name="127.0.0.1"):
    """A proxy that encrypts; gives the address and the root's file.

    Mono's SslStream says no protocol (ALPN), and grpcio wants one; so a proxy is between them.
    """
    ca = authority()
    issued = ca.issue_cert(name, key_type=trustme.KeyType.RSA)
    ca.cert_pem.write_to_path(folder / "root.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    context.set_alpn_protocols(["h2"])
    host, port = address.split(":")
    loop = asyncio.new_event_loop()

    async def pipe(reader, writer):
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def handle(reader, writer):
        onward = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pipe(reader, onward[1]), pipe(onward[0], writer))

    server = loop.run_until_complete(asyncio.start_server(handle, "127.0.0.1", 0, ssl=context))
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"tls://127.0.0.1:{server.sockets[0].getsockname()[1]}", str(folder / "root.pem")
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SECONDS)
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.1))
        loop.close()


@pytest.mark.parametrize("content", ["none", "no base64!", "AAAA", "folder"])
def test_a_file_of_roots_without_certificates(unity, tmp_path, content):
    roots = tmp_path / "roots.pem"
    if content == "folder":
        roots.mkdir()
    elif content != "none":
        roots.write_text(f"-----BEGIN CERTIFICATE-----\n{content}\n-----END CERTIFICATE-----")
    with (
        serving(lambda _: None) as address,
        unity(address=f"tls://{address}", ca=str(roots)) as calls,
    ):
        error = calls.do("info")
        assert (error["error"], error["reason"]) == ("StylizerException", "CERTIFICATE_FILE")
        assert str(roots) in error["fact"]
        assert "PEM file" in error["remedy"]


def address_of(address):
    host, port = address.removeprefix("tls://").split(":")
    return host, int(port)


def test_encrypted_calls(unity, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (1200, 1000, 4), np.uint8)
    pixels.tofile(tmp_path / "in")
    asked = {"picture": str(tmp_path / "in"), "width": 1000, "height": 1200}
    with running_sidecar(stylizer=FakeStylizer()) as sidecar:
        with encrypted(sidecar.address, tmp_path) as (address, root):
            known = {"address": address, "token": sidecar.token, "exchange": False}
            with unity(**known, ca=root) as calls:
                begun = [
                    calls.begin("stylize", **asked, out=str(tmp_path / f"out{i}")) for i in range(2)
                ]
                for i, call in enumerate(begun):
                    assert "error" not in call.result(SECONDS)
                    drawn = np.fromfile(tmp_path / f"out{i}", np.uint8).reshape(pixels.shape)
                    assert np.array_equal(drawn[..., :3], 255 - pixels[..., :3])
            own = ssl.get_server_certificate(address_of(address))
            (tmp_path / "own.pem").write_text(own)
            with unity(**known, ca=str(tmp_path / "own.pem")) as calls:
                assert calls.do("info")["api_level"] == 1
            with unity(**known) as calls:  # by those that the system trusts
                assert calls.do("info")["reason"] == "SIDECAR_UNAVAILABLE"
            other = tmp_path / "other.pem"  # a root of the same name, with another key
            authority().cert_pem.write_to_path(other)
            with unity(**known, ca=str(other)) as calls:
                assert calls.do("info")["reason"] == "SIDECAR_UNAVAILABLE"
        names = {"studio.example": False, "localhost": True, "127.0.0.2": False, "*.test": False}
        for name, allowed in names.items():
            (tmp_path / name).mkdir()
            with encrypted(sidecar.address, tmp_path / name, name) as (address, root):
                local = address.replace("127.0.0.1", "localhost")
                with unity(address=local, token=sidecar.token, ca=root) as calls:
                    assert ("api_level" in calls.do("info")) == allowed, name
