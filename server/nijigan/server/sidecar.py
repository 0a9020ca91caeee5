"""The server with all that is around it: port, token, health, log, and the file that says where."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from os import getpid
from pathlib import Path
from threading import Event

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from nijigan.core.errors import SidecarError
from nijigan.core.lazy import needs_extra
from nijigan.export.styles import StyleLibrary
from nijigan.server.auth import TokenInterceptor, new_token
from nijigan.server.calls import Calls
from nijigan.server.drawing import ChecksAndDraws
from nijigan.server.engines.choice import Choice
from nijigan.server.exchange import exchange_folder
from nijigan.server.idle import Limits, Patience
from nijigan.server.jobs import Jobs
from nijigan.server.metrics import Metrics, NoMetrics, Prometheus
from nijigan.server.security import address_of, listening_host, reachable_host
from nijigan.server.service import (
    API_LEVEL,
    MAX_HEADER_BYTES,
    MAX_MESSAGE_BYTES,
    SPARE_CALLS,
    StylizerService,
)
from nijigan.server.sidecar_file import SidecarFile, only_sidecar, published
from nijigan.server.sidecar_log import log_path, sidecar_log
from nijigan.server.style_watch import StyleWatch
from nijigan.server.tls import Tls
from nijigan.v1 import stylizer_pb2
from nijigan.v1.stylizer_pb2_grpc import add_StylizerServiceServicer_to_server

SERVICE = stylizer_pb2.DESCRIPTOR.services_by_name["StylizerService"].full_name
_OPTIONS = [
    ("grpc.so_reuseport", 0),  # else two programs could share the port
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_metadata_size", MAX_HEADER_BYTES),
    ("grpc.absolute_max_metadata_size", MAX_HEADER_BYTES),
    ("grpc.server_handshake_timeout_ms", 10_000),
    # A client whose machine is gone says nothing, and would keep its place. One that answers late
    # may only be busy: Blender holds Python's lock while it renders from a script. What ends calls
    # in gRPC 1.85 is the last of these, which is a minute if not said.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 300_000),
    ("grpc.http2.ping_timeout_ms", 300_000),
]


@dataclass(frozen=True)
class Options:
    """How a sidecar is set up.

    port: 0 for a free one, which is also taken where another program has the port. tls: needed
    where the host is not a loopback address. token: a new one if None. concurrent, queued: pictures
    drawn at once, and waiting. idle_seconds: how long a client may pause within a call.
    upload_seconds: how long it may take to send a picture. hang_seconds: how long an engine may
    show no progress. drain_seconds: how long calls have to end once the sidecar shall.
    metrics_port: where Prometheus may ask, on this machine; nowhere if None. web_port: where web
    pages may call, on this machine; nowhere if None. web_origins: of those pages, beside the port's
    own.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: Tls | None = None
    token: str | None = field(default=None, repr=False)
    concurrent: int = 2
    queued: int = 8
    idle_seconds: float = 30.0
    upload_seconds: float = 300.0
    hang_seconds: float = 300.0
    drain_seconds: float = 10.0
    metrics_port: int | None = None
    web_port: int | None = None
    web_origins: Sequence[str] = ()


@dataclass(frozen=True)
class Sidecar:
    """One that runs."""

    host: str
    port: int
    token: str = field(repr=False)
    home: Path
    calls: Calls
    tls: bool
    styles_ready: Event
    """Set once all styles that were there at the start have been looked at."""
    web_address: str | None = None
    """For web pages, as "http://host:port"."""

    @property
    def address(self) -> str:
        """As gRPC takes it."""
        return address_of(self.host, self.port)


@contextmanager
def running(
    home: Path, styles: StyleLibrary, stylizer: ChecksAndDraws, engine: Choice, options: Options
) -> Iterator[Sidecar]:
    """Run a sidecar for the data directory `home` while the body runs.

    At the end no more calls are taken, and those under way may end.

    Raises:
        AlreadyRunningError: one is running for `home`.
        SidecarError: `home` cannot be written to, a certificate cannot be used, or the host is not
            a loopback address and there is none.
    """
    token = options.token or new_token()
    threads = options.concurrent + options.queued + SPARE_CALLS
    with (
        only_sidecar(home),
        sidecar_log(home) as log,
        ThreadPoolExecutor(threads) as pool,
        closing(Jobs(options.concurrent, options.queued)) as jobs,
        closing(Limits()) as limits,
        _metrics(options, jobs, stylizer) as metrics,
        exchange_folder(home) as exchange,
    ):
        calls = Calls(log, log_path(home), metrics, limits)
        patience = Patience(options.idle_seconds, options.upload_seconds, hang=options.hang_seconds)
        service = StylizerService(
            stylizer, styles, jobs, calls, [engine.engine], patience, limits, exchange
        )
        server = grpc.server(
            pool,
            interceptors=[TokenInterceptor(token)],
            maximum_concurrent_rpcs=threads,
            options=_OPTIONS,
        )
        add_StylizerServiceServicer_to_server(service, server)  # type: ignore[no-untyped-call]
        reflection.enable_server_reflection(
            (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), server
        )
        checks = _health(server)
        watch = StyleWatch(styles, stylizer, jobs, checks, log, options.hang_seconds)
        port = _bind(server, options, log)
        server.start()
        try:
            with _web(options, service, token, threads, patience) as web_address:
                sidecar = Sidecar(
                    listening_host(options.host, options.tls is not None),
                    port,
                    token,
                    home,
                    calls,
                    options.tls is not None,
                    watch.looked,
                    web_address,
                )
                where = " and, for web pages, ".join(filter(None, (sidecar.address, web_address)))
                log.info("started at %s, engine %s: %s", where, engine.engine, engine.why)
                with published(home, _file(sidecar)), watch.watching():
                    yield sidecar
        finally:
            checks.enter_graceful_shutdown()
            server.stop(options.drain_seconds).wait()
            log.info("stopped")


@contextmanager
def _metrics(options: Options, jobs: Jobs, stylizer: ChecksAndDraws) -> Iterator[Metrics]:
    """Serve the metrics while the body runs, where they are wanted."""
    if options.metrics_port is None:
        yield NoMetrics()
        return
    metrics = Prometheus(
        {
            "pictures_waiting": ("Pictures that wait for their turn.", lambda: jobs.waiting),
            "pictures_drawing": ("Pictures that are being drawn.", lambda: jobs.running),
            "graphs_loaded": ("Graphs in memory.", stylizer.graphs_in_memory),
        }
    )
    with metrics.served("127.0.0.1", options.metrics_port):
        yield metrics


@contextmanager
def _web(
    options: Options, service: StylizerService, token: str, calls: int, patience: Patience
) -> Iterator[str | None]:
    """Serve web pages while the body runs, where they are wanted; give the address."""
    if options.web_port is None:
        yield None
        return
    with needs_extra("web"):
        from nijigan.server.web.port import HOST, served
    origins, drain = options.web_origins, options.drain_seconds
    with served(service, token, options.web_port, origins, calls, patience, drain) as port:
        yield f"http://{HOST}:{port}"


def _health(server: grpc.Server) -> health.HealthServicer:
    """Serve `grpc.health.v1`: "" and the service; styles come as they are ready."""
    checks = health.HealthServicer(experimental_non_blocking=True)
    for name in ("", SERVICE):
        checks.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    return checks


def _bind(server: grpc.Server, options: Options, log: logging.Logger) -> int:
    """Listen, on a free port where the one that was asked for is taken; return it."""
    host = listening_host(options.host, options.tls is not None)
    credentials = None if options.tls is None else options.tls.credentials()
    for port in dict.fromkeys((options.port, 0)):
        address = address_of(host, port)
        try:
            if credentials is None:
                return server.add_insecure_port(address)
            return server.add_secure_port(address, credentials)
        except RuntimeError as error:
            log.warning("%s cannot be listened on; another program may have the port", address)
            refused = error
    raise SidecarError(
        f"No port of {options.host} can be listened on.", "Is that an address of this machine?"
    ) from refused


def _file(sidecar: Sidecar) -> SidecarFile:
    return SidecarFile(
        pid=getpid(),
        host=reachable_host(sidecar.host),
        port=sidecar.port,
        token=sidecar.token,
        version=version("nijigan"),
        api_level=API_LEVEL,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        tls=sidecar.tls,
    )
