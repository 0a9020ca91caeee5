"""Runs a sidecar until it is told to end, or until nobody needs it."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from types import FrameType

from nijigan.export.styles import StyleLibrary, default_folders
from nijigan.server.calls import Calls
from nijigan.server.engines.choice import choose_engine
from nijigan.server.paths import data_dir
from nijigan.server.sidecar import Options, Sidecar, running
from nijigan.server.stylizer import Stylizer

_LONELY_SECONDS = 60.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(
    folders: list[Path],
    engine: str,
    threads: int | None,
    memory_bytes: int,
    options: Options,
    exit_with_starter: bool,
    ready: Callable[[Sidecar], None],
) -> None:
    """Serve the styles in `folders`, and those of the usual places, until SIGTERM or SIGINT.

    memory_bytes: about what networks may use, those that draw at the same time together.

    With `exit_with_starter` also when the other end of stdin is closed, as it is when the process
    that holds it is gone, and no client has called for a minute.

    Raises:
        UsageError: no engine of that name.
        SidecarError: as `nijigan.server.sidecar.running`.
    """
    choice = choose_engine(engine)
    styles = StyleLibrary([*folders, *default_folders()])
    stylizer = Stylizer(styles, choice.engine, threads, memory_bytes // options.concurrent)
    with (
        _told_to_end() as told,
        running(data_dir(), styles, stylizer, choice, options) as sidecar,
    ):
        alone = starter_gone() if exit_with_starter else Event()
        ready(sidecar)
        wait_for_end(told, alone, sidecar.calls, _LONELY_SECONDS)


def wait_for_end(told: Event, alone: Event, calls: Calls, lonely_seconds: float) -> None:
    """Wait until `told` is set, or until `alone` is and no call was made for `lonely_seconds`."""
    while not told.wait(min(1.0, lonely_seconds)):
        if alone.is_set() and calls.idle_seconds() > lonely_seconds:
            return


@contextmanager
def _told_to_end() -> Iterator[Event]:
    """Give an event that the signals set; a second signal does what it always does."""
    told = Event()
    before = {int(number): signal.getsignal(number) for number in _SIGNALS}

    def tell(number: int, _: FrameType | None) -> None:
        told.set()
        signal.signal(number, before[number])

    for number in _SIGNALS:
        signal.signal(number, tell)
    try:
        yield told
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def starter_gone() -> Event:
    """Give an event that is set at the end of stdin."""
    gone = Event()

    def watch() -> None:
        # Not through sys.stdin's buffer: its lock, held here, would hinder the interpreter's end.
        with suppress(OSError):
            while sys.stdin is not None and os.read(sys.stdin.fileno(), 1 << 16):
                pass
        gone.set()

    Thread(target=watch, daemon=True, name="starter").start()
    return gone
