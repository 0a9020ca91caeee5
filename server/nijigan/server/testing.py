"""A real sidecar for tests of whatever talks to one, and a stylizer without a network for it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Semaphore
from unittest import mock

from nijigan.core.images import white
from nijigan.export.styles import StyleLibrary
from nijigan.server.cancel import Cancel
from nijigan.server.carried import CarriedStatistics
from nijigan.server.deep_picture import AnyPicture
from nijigan.server.drawing import ChecksAndDraws
from nijigan.server.engines.choice import choose_engine
from nijigan.server.sidecar import Options, Sidecar, running
from nijigan.server.stylizer import Progress, Settings, Stylizer
from nijigan.server.tiling import Notes

_LONGEST_SECONDS = 20.0


def no_progress(_done: float, _stage: str) -> None:
    """Tell nobody."""


class FakeStylizer:
    """Gives back the negative of every picture, in any style.

    error: raised instead. held: each drawing waits until `release` is called or it is cancelled.
    `started` is released once for each drawing that begins, `cancelled` for each that is cancelled.
    """

    def __init__(self, error: Exception | None = None, held: bool = False) -> None:
        self.settings: list[Settings] = []
        self.loaded: list[tuple[str, str]] = []
        self.started = Semaphore(0)
        self.cancelled = Semaphore(0)
        self._error = error
        self._held = held
        self._waiting: list[Event] = []
        self._lock = Lock()

    def release(self) -> None:
        """Let all drawings go on, those to come too."""
        with self._lock:
            self._held = False
            for waiting in self._waiting:
                waiting.set()

    def check(self, settings: Settings, width: int, height: int) -> None:
        """Take every request."""

    def load(self, name: str, quality: str, cancel: Cancel) -> None:
        """Remember the style, without drawing."""
        cancel.raise_if_set()
        self.loaded.append((name, quality))

    def unload(self, name: str) -> int:
        """Forget it."""
        kept = [each for each in self.loaded if each[0] != name]
        count = len(self.loaded) - len(kept)
        self.loaded = kept
        return count

    def unload_unused(self, _seconds: float) -> int:
        """Nothing is."""
        return 0

    def graphs_in_memory(self) -> int:
        """One for each style that was loaded."""
        return len(self.loaded)

    def stylize(
        self,
        picture: AnyPicture,
        settings: Settings,
        progress: Progress,
        cancel: Cancel,
        carried: CarriedStatistics | None = None,
        _notes: Notes | None = None,
    ) -> AnyPicture:
        """Give back the negative."""
        self.settings.append(settings)
        if carried is not None:
            carried.begin(picture)
        progress(0.0, "drawing")
        self.started.release()
        self._wait(cancel)
        if cancel.is_set():
            self.cancelled.release()
        cancel.raise_if_set()
        if self._error is not None:
            raise self._error
        progress(1.0, "drawing")
        rgb = picture.rgb
        return picture.with_rgb((white(rgb) - rgb).astype(rgb.dtype))

    def _wait(self, cancel: Cancel) -> None:
        waiting = Event()
        with self._lock:
            if not self._held:
                return
            self._waiting.append(waiting)
        with cancel.on_set(waiting.set):
            if not waiting.wait(_LONGEST_SECONDS):
                raise TimeoutError("Nobody released the drawing, or cancelled it.")


@contextmanager
def running_sidecar(
    styles: Sequence[Path] = (),
    stylizer: ChecksAndDraws | None = None,
    options: Options | None = None,
) -> Iterator[Sidecar]:
    """Run a sidecar in this process, in a data directory of its own, while the body runs.

    It serves the style folders `styles` and no others, with the real stylizer where none is given.
    `$NIJIGAN_HOME` is that directory meanwhile, so that clients find the sidecar.
    """
    library = StyleLibrary(styles)
    with TemporaryDirectory(prefix="nijigan-") as folder:
        home = Path(folder)
        with (
            mock.patch.dict(os.environ, {"NIJIGAN_HOME": folder}),
            running(
                home,
                library,
                stylizer or Stylizer(library, threads=1),
                choose_engine("onnxruntime"),
                options or Options(),
            ) as sidecar,
        ):
            sidecar.styles_ready.wait(_LONGEST_SECONDS)
            yield sidecar
