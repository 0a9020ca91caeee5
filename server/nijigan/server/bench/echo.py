"""A gRPC server that gives back what it gets and does nothing else: the least that a trip can take.

    python -m nijigan.server.bench.echo

prints its port, and ends with its standard input.
"""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc

_CHUNK_BYTES = 1 << 20


def serve() -> None:
    """Serve until standard input ends."""

    def echo(requests: Iterator[bytes], _: grpc.ServicerContext) -> Iterator[bytes]:
        yield from list(requests)  # as a picture: all of it is there before any of it goes back

    handler = grpc.stream_stream_rpc_method_handler(echo)
    methods = grpc.method_handlers_generic_handler("echo.Echo", {"Echo": handler})
    server = grpc.server(ThreadPoolExecutor(2), handlers=[methods])
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    sys.stdin.read()
    server.stop(None)


class EchoClient:
    """Sends as many bytes as a picture has, and waits for them to come back."""

    def __init__(self, channel: grpc.Channel, size: int) -> None:
        chunk = bytes(_CHUNK_BYTES)
        starts = range(0, size, _CHUNK_BYTES)
        self._chunks = [chunk[: min(_CHUNK_BYTES, size - start)] for start in starts]
        self._size = size
        self._call = channel.stream_stream("/echo.Echo/Echo", bytes, bytes)

    def milliseconds(self) -> float:
        """Return how long that took."""
        began = time.perf_counter()
        came = sum(map(len, self._call(iter(self._chunks))))
        took = 1000 * (time.perf_counter() - began)
        assert came == self._size, "it gives back what it gets"
        return took


if __name__ == "__main__":
    serve()
