"""Listens for web pages, and serves them on a thread of its own."""

import math
import socket
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread

import uvicorn

from nijigan.core.errors import SidecarError
from nijigan.server.idle import Patience
from nijigan.server.service import MAX_HEADER_BYTES, StylizerService
from nijigan.server.upload import MAX_PICTURE_BYTES
from nijigan.server.web.admission import Admission
from nijigan.server.web.application import Application
from nijigan.server.web.guard import Guard
from nijigan.server.web.origins import parse_origin
from nijigan.server.web.protocol import PatientProtocol

HOST = "127.0.0.1"  # wherever native calls are taken: there is no TLS here
# A picture in JSON, which is four bytes for three, with the rest of the request.
_MOST_BODY_BYTES = MAX_PICTURE_BYTES * 4 // 3 + (64 << 10)


@contextmanager
def served(
    service: StylizerService,
    token: str,
    port: int,
    origins: Iterable[str],
    calls: int,
    patience: Patience,
    drain_seconds: float,
) -> Iterator[int]:
    """Serve pages of `origins` while the body runs; give the port, a free one where it is 0.

    calls: how many are answered at once. At the end those under way have `drain_seconds` to end.

    Raises:
        SidecarError: the port is taken.
        UsageError: an origin is none.
    """
    allowed = [parse_origin(origin) for origin in origins]
    with _listening(port) as listener, ThreadPoolExecutor(calls, "web") as threads:
        taken = listener.getsockname()[1]
        admission = Admission(token, calls, _MOST_BODY_BYTES)
        application = Application(service, threads, admission, _MOST_BODY_BYTES)
        guard = Guard(application, taken, allowed, patience, _MOST_BODY_BYTES)
        server = uvicorn.Server(_configuration(guard, patience))
        thread = Thread(target=server.run, args=([listener],), name="web port")
        thread.start()
        try:
            yield taken
        finally:
            server.should_exit = True
            thread.join(drain_seconds)
            # What has not ended by now does as when the client leaves.
            for connection in list(server.server_state.connections):
                connection.loop.call_soon_threadsafe(connection.transport.abort)
            thread.join()


def _configuration(guard: Guard, patience: Patience) -> uvicorn.Config:
    configuration = uvicorn.Config(
        guard,
        http=PatientProtocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        timeout_keep_alive=math.ceil(patience.idle),
    )
    configuration.load()  # here, where its errors are seen
    return configuration


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise SidecarError(
            f"{HOST}:{port} cannot be listened on ({error.strerror}).",
            "Choose another with --web-port.",
        ) from error
