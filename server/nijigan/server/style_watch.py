"""Gets styles ready when the sidecar starts and when their folders change, and tells of each."""

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from grpc_health.v1.health import HealthServicer
from grpc_health.v1.health_pb2 import HealthCheckResponse

from nijigan.core.errors import BusyError, CancelledError, NijiganError
from nijigan.export.style import Style
from nijigan.export.styles import StyleLibrary
from nijigan.server.cancel import Cancel
from nijigan.server.drawing import ChecksAndDraws
from nijigan.server.freed_memory import give_back_freed_memory
from nijigan.server.jobs import Jobs
from nijigan.server.watched import finished, run_watched

_POLL_SECONDS = 2.0
_UNUSED_SECONDS = 600.0
# For what is being loaded at the end to stop.
_ENDING_SECONDS = 2.0
_CLIENT = "the sidecar itself"


class StyleWatch:
    """Looks at the styles' folders every few seconds.

    A style that is new, or whose content is, has its hashes checked, is loaded and draws something
    small; then its health `nijigan.v1.styles.<name>` is SERVING. One that cannot be is NOT_SERVING,
    and the log says why. What nobody has drawn with for ten minutes is unloaded.

    hang_seconds: how long a style may take to load without a sign of life; then it counts as one
    that cannot be.
    """

    def __init__(
        self,
        styles: StyleLibrary,
        stylizer: ChecksAndDraws,
        jobs: Jobs,
        health: HealthServicer,
        log: logging.Logger,
        hang_seconds: float,
    ) -> None:
        self._styles = styles
        self._stylizer = stylizer
        self._jobs = jobs
        self._health = health
        self._log = log
        self._hang_seconds = hang_seconds
        self._known: dict[str, object] = {}  # what each was when it was looked at
        self._cancel = Cancel()
        self._end = Event()
        self.looked = Event()
        """Set once every style that was there at first has been looked at."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch in a thread of its own while the body runs."""
        thread = Thread(target=self._run, name="styles", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._end.set()
            self._cancel.set()
            thread.join(_ENDING_SECONDS)

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                with suppress(BusyError, CancelledError):
                    self.look()
                    self.looked.set()
                self._stylizer.unload_unused(_UNUSED_SECONDS)
                give_back_freed_memory()
            except Exception:  # whatever is wrong with a style, the others are watched on
                self._log.exception("looking at the styles failed")
            self._end.wait(_POLL_SECONDS)

    def look(self) -> None:
        """Look at all styles once.

        Raises:
            BusyError: artists need all places; what was not looked at is next time.
            CancelledError: the watching ends.
        """
        found = {style.name: style for style in self._styles.all()}
        broken = {error.message: error for error in self._styles.broken()}
        for name in self._known.keys() - found.keys() - broken.keys():
            del self._known[name]
            self._health.set(_service(name), HealthCheckResponse.SERVICE_UNKNOWN)
            self._log.info("style %s is gone", name)
        for message, error in broken.items():
            if message not in self._known:
                self._known[message] = error
                self._log.warning("a style cannot be read: %s", error)
        for name, style in found.items():
            if self._known.get(name) != style and not self._end.is_set():
                self._get_ready(style)
                self._known[name] = style

    def _get_ready(self, style: Style) -> None:
        began = time.monotonic()
        status = HealthCheckResponse.SERVING
        try:
            self._load(style.name)
        except (BusyError, CancelledError):
            raise
        except NijiganError as error:
            status = HealthCheckResponse.NOT_SERVING
            self._log.warning("style %s cannot be used: %s", style.name, error)
        else:
            took = round((time.monotonic() - began) * 1000)
            self._log.info("style %s %s is ready, %d ms", style.name, style.version, took)
        self._health.set(_service(style.name), status)

    def _load(self, name: str) -> None:
        stylizer, own = self._stylizer, Cancel()  # after one that hangs, others are loaded
        with self._jobs.place(_CLIENT) as place, self._cancel.on_set(own.set):
            load: Generator[object, None, object] = run_watched(
                place,
                lambda _: stylizer.load(name, "normal", own),
                own,
                self._hang_seconds,
                lambda: stylizer.unload(name),
                batch=True,
            )
            finished(load)


def _service(style: str) -> str:
    return f"nijigan.v1.styles.{style}"
