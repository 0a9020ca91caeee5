"""What the sidecar counts and times, as Prometheus reads it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from nijigan.core.errors import SidecarError
from nijigan.core.lazy import needs_extra
from nijigan.server.security import address_of, listening_host

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


@dataclass
class Drawing:
    """What a picture cost. stages: seconds by name."""

    style: str
    quality: str
    pixels: int = 0
    stages: dict[str, float] = field(default_factory=dict)


class Metrics(Protocol):
    """Is told what happens."""

    def called(self, method: str, result: str, seconds: float) -> None:
        """A call has ended; result: `ok`, or the reason why not."""

    def drew(self, drawing: Drawing) -> None:
        """A picture was sent whole."""


class NoMetrics:
    """Where nobody asks."""

    def called(self, method: str, result: str, seconds: float) -> None:
        """Forget it."""

    def drew(self, drawing: Drawing) -> None:
        """Forget it."""


class Prometheus:
    """Keeps numbers for Prometheus, in a registry of its own.

    gauges: what can be asked at any time, by the name that it gets.

    Raises:
        MissingExtraError: prometheus-client is not installed.
    """

    def __init__(self, gauges: Mapping[str, tuple[str, Callable[[], float]]]) -> None:
        with needs_extra("metrics"):
            import prometheus_client as prometheus
        self._start = prometheus.start_http_server
        self._registry = registry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=registry)
        self._calls = prometheus.Counter(
            "nijigan_calls", "Calls that have ended.", ["method", "result"], registry=registry
        )
        self._call_seconds = prometheus.Histogram(
            "nijigan_call_seconds",
            "How long calls took.",
            ["method"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._stage_seconds = prometheus.Histogram(
            "nijigan_stage_seconds",
            "What pictures spent their time with.",
            ["style", "quality", "stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._pixels = prometheus.Counter(
            "nijigan_pixels", "Pixels of the results.", ["style", "quality"], registry=registry
        )
        for name, (what, ask) in gauges.items():
            prometheus.Gauge(f"nijigan_{name}", what, registry=registry).set_function(ask)

    def called(self, method: str, result: str, seconds: float) -> None:
        """See `Metrics.called`."""
        self._calls.labels(method, result).inc()
        self._call_seconds.labels(method).observe(seconds)

    def drew(self, drawing: Drawing) -> None:
        """See `Metrics.drew`."""
        for stage, seconds in drawing.stages.items():
            self._stage_seconds.labels(drawing.style, drawing.quality, stage).observe(seconds)
        self._pixels.labels(drawing.style, drawing.quality).inc(drawing.pixels)

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[None]:
        """Answer HTTP on a loopback address while the body runs; numbers alone, without a token.

        Raises:
            SidecarError: not a loopback address, or the port is taken.
        """
        try:
            server, thread = self._start(
                port, listening_host(host, encrypted=False), self._registry
            )
        except OSError as error:
            raise SidecarError(
                f"{address_of(host, port)} cannot be listened on ({error.strerror}).",
                "Choose another with --metrics-port.",
            ) from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
