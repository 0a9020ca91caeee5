"""A gRPC server that gives back what it gets and does nothing else: the least that a trip can take.

    python -m nijigan.server.bench.echo

prints its port, and ends with its standard input.
"""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np

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


def echo_ms(port: int, size: int, iterations: int) -> float:
    """Return the median of how long `size` bytes take there and back, in milliseconds."""
    chunk = bytes(_CHUNK_BYTES)
    sizes = [min(_CHUNK_BYTES, size - start) for start in range(0, size, _CHUNK_BYTES)]
    times = []
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.stream_stream("/echo.Echo/Echo", bytes, bytes)
        for _ in range(iterations + 1):
            began = time.perf_counter()
            answer = call(chunk[:length] for length in sizes)
            came = sum(map(len, answer))
            times.append(1000 * (time.perf_counter() - began))
            assert came == size, "it gives back what it gets"
    return float(np.median(times[1:]))


if __name__ == "__main__":
    serve()
