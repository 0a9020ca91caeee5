"""The sidecar of this user, as a panel sees it."""

import time
import traceback
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Callable, Dict, Optional, Sequence, Tuple

from nijigan.client import Client, connect
from nijigan.client.discovery import find_sidecar
from nijigan.client.errors import SidecarNotRunningError, StylizerError
from nijigan.client.start import StartedSidecar
from nijigan_host.command import serve_command
from nijigan_host.condition import (
    INSTALLING,
    STARTING,
    STOPPED,
    STOPPING,
    UNKNOWN,
    Condition,
    Kind,
    Mend,
    from_error,
    ready,
)
from nijigan_host.install import install
from nijigan_host.stop import stop_sidecar

_OLD_SECONDS = 5.0


class Sidecar:
    """Looks for it, starts it, stops it: each on a thread, one after the other.

    command: gives the command that starts it; asked in the calling thread, as hosts want it. It may
    raise a StylizerError.

    `condition` is how things stand, and may be another at any time. `previews` has the preview of
    each style that was seen, a PNG file, by the style's name and version.
    """

    def __init__(self, command: Callable[[], Sequence[str]]) -> None:
        self.condition = UNKNOWN
        self.previews: Dict[Tuple[str, str], bytes] = {}
        self._command = command
        self._started: Optional[StartedSidecar] = None
        self._client: Optional[Client] = None
        self._client_lock = Lock()
        self._turn = Lock()  # held by what is being done
        self._lock = Lock()  # of the three below
        self._begun = 0  # how many are being done, or wait for their turn
        self._looked = 0.0
        self._closed = False
        self._cancel = Event()  # of an installation

    @property
    def busy(self) -> bool:
        """Whether something is being done about it, or found out."""
        return self._begun > 0

    def client(self) -> Client:
        """Return a client that any thread may use. Waits, for threads that may.

        Raises:
            SidecarNotRunningError: there is no sidecar. IncompatibleError: it is of another age.
        """
        with self._client_lock:
            if self._client is None:
                self._client = connect()
            return self._client

    def look(self) -> None:
        """Find out how things stand."""
        self._begin(self._look)

    def look_if_old(self) -> None:
        """The same, where nobody has for some seconds. To be called as often as one likes."""
        if time.monotonic() - self._looked > _OLD_SECONDS:
            self.look()

    def start(self) -> None:
        """Start it; where one is running, use that."""
        self._begin_with_command(lambda command: self._start(command), STARTING)

    def install(self, package: str) -> None:
        """Install nijigan into an environment of its own, and start it."""
        self._begin(lambda: self._install(package), INSTALLING)

    def stop(self) -> None:
        """Stop it, whoever started it."""
        self._begin(self._stop, STOPPING)

    def restart(self) -> None:
        """Stop it where it runs, and start it."""
        self._begin_with_command(self._restart, STOPPING)

    def close(self) -> None:
        """Let go of it: it ends when nobody else uses it. Nothing can be done after that."""
        self._cancel.set()
        with self._lock:
            self._closed = True
        with self._client_lock:
            if self._client is not None:
                self._client.close()
        if self._started is not None:
            self._started.let_go()

    def _begin_with_command(
        self, action: Callable[[Sequence[str]], Condition], meanwhile: Condition
    ) -> None:
        try:
            command = self._command()
        except StylizerError as error:
            self.condition = from_error(error)
            return
        self._begin(lambda: action(command), meanwhile)

    def _begin(
        self, action: Callable[[], Condition], meanwhile: Optional[Condition] = None
    ) -> None:
        """Do it on a thread. Without `meanwhile` it is a look, which others make needless."""
        with self._lock:
            if self._closed or (meanwhile is None and self._begun):
                return
            self._begun += 1
        self.condition = meanwhile or self.condition
        Thread(
            target=self._run, args=(action, meanwhile), name="nijigan-sidecar", daemon=True
        ).start()

    def _run(self, action: Callable[[], Condition], meanwhile: Optional[Condition]) -> None:
        with self._turn:
            self.condition = meanwhile or self.condition
            self.condition = _condition_after(action)
            with self._lock:
                self._looked = time.monotonic()
                self._begun -= 1

    def _look(self) -> Condition:
        client = self.client()
        info = client.server_info()
        styles = client.list_styles()
        for style in styles:
            key = style.name, style.version
            if key not in self.previews:
                self.previews[key] = client.get_preview(style.name)
        place = find_sidecar()
        return ready(info.version, f"{place.host}:{place.port}", info.engines, styles)

    def _install(self, package: str) -> Condition:
        def tell(line: str) -> None:
            self.condition = INSTALLING._replace(line=f"{INSTALLING.line}: {line}")

        install(package, tell, self._cancel)
        self.condition = STARTING
        return self._start(serve_command(""))

    def _start(self, command: Sequence[str]) -> Condition:
        try:
            self._started = StartedSidecar(command)
        except SidecarNotRunningError as error:
            return from_error(error)._replace(line=str(error))
        if self._closed:
            self._started.let_go()
        return self._look()

    def _stop(self) -> Condition:
        stop_sidecar()
        return STOPPED

    def _restart(self, command: Sequence[str]) -> Condition:
        with suppress(SidecarNotRunningError):
            self._stop()
        self.condition = STARTING
        return self._start(command)


def _condition_after(action: Callable[[], Condition]) -> Condition:
    try:
        return action()
    except StylizerError as error:
        return from_error(error)
    except Exception as error:  # ours; it must not leave the panel waiting for ever
        traceback.print_exc()
        return Condition(Kind.TROUBLE, f"{type(error).__name__}: {error}", Mend.LOOK)
