"""The client's connection against servers that misbehave."""

import socket
import sys
from contextlib import contextmanager
from itertools import pairwise
from threading import Event, Thread
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nijigan.client import connect
from nijigan.client.errors import CancelledError, DeadlineError, SidecarNotRunningError
from nijigan.client.goaway import GoAwayFilter

SECONDS = 10
LARGE = bytes(64 << 20)


@contextmanager
def server(handle):
    """A TCP server whose one connection `handle` gets."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept():
            connected, _ = listening.accept()
            listening.close()
            with connected:
                handle(connected)

        thread = Thread(target=accept)
        port = listening.getsockname()[1]
        thread.start()
        yield f"127.0.0.1:{port}"
        thread.join(SECONDS)


def test_nothing_listens():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with pytest.raises(SidecarNotRunningError, match=f"Nothing answers at 127.0.0.1:{port}"):
        connect(f"127.0.0.1:{port}", "token")


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.6\r\n", b"\0" * 99, b""]
)
def test_another_program_has_the_port(answer):
    def handle(connected):
        connected.recv(1 << 16)
        connected.sendall(answer)
        connected.shutdown(socket.SHUT_WR)
        while connected.recv(1 << 16):
            pass

    with (
        server(handle) as address,
        connect(address, "token") as client,
        pytest.raises(SidecarNotRunningError, match=r"is gone|Nothing answers"),
    ):
        client.server_info()


def test_cancel_and_deadline_are_noticed_while_the_server_reads_nothing():
    done = Event()
    with server(lambda connected: done.wait(SECONDS)) as address, connect(address, "t") as client:
        with pytest.raises(DeadlineError):
            client.stylize(LARGE, 4096, 4096, style="any", timeout=0.1)
        cancel = Event()
        waiting = Thread(target=cancel.set)
        waiting.start()
        began = monotonic()
        with pytest.raises(CancelledError):
            client.stylize(LARGE, 4096, 4096, style="any", cancel=cancel)
        assert monotonic() - began < 1
        waiting.join()
        done.set()


def test_a_connection_breaks_where_the_other_end_is_gone_without_a_word():
    done = Event()
    with server(lambda connected: done.wait(SECONDS)) as address, connect(address, "t") as client:
        ours = client._connection._socket
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        seconds = [
            ours.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
            for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
            if hasattr(socket, name)
        ]
        done.set()
    assert sys.platform != "linux" or seconds == [60, 15, 4]


FRAMES = st.builds(
    lambda kind, stream, payload: (
        len(payload).to_bytes(3, "big") + bytes([kind, 0]) + stream.to_bytes(4, "big") + payload
    ),
    st.sampled_from([0, 1, 3, 4, 6, 8, 9]),
    st.integers(0, 2**31 - 1),
    st.binary(max_size=30),
)
GOAWAYS = st.builds(
    lambda last, debug: (
        (8 + len(debug)).to_bytes(3, "big")
        + b"\x07\0\0\0\0\0"
        + last.to_bytes(4, "big")
        + b"\0\0\0\0"
        + debug
    ),
    st.integers(0, 2**31 - 1),
    st.binary(max_size=20),
)


@settings(deadline=None)
@given(st.lists(FRAMES | GOAWAYS, max_size=8), st.data())
def test_goaway_is_cut_out_of_any_pieces(frames, data):
    content = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=12)))
    edges = [0, *cuts, len(content)]
    kept, last_streams = b"", []
    goaway = GoAwayFilter()
    for start, end in pairwise(edges):
        piece, found = goaway.feed(content[start:end])
        kept += piece
        last_streams += found
    is_goaway = [frame[3] == 7 for frame in frames]
    assert kept == b"".join(f for f, away in zip(frames, is_goaway, strict=True) if not away)
    assert last_streams == [
        int.from_bytes(f[9:13], "big") for f, away in zip(frames, is_goaway, strict=True) if away
    ]
