"""The graphs in memory: each is loaded once, however many want it, and kept while it is used."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Event, Lock
from typing import TypeAlias

from nijigan.server.cancel import Cancel
from nijigan.server.engines import Engine

Key: TypeAlias = tuple[str, ...]

_POLL_SECONDS = 0.05  # how soon a wish to cancel is noticed


class LoadedGraphs:
    """Engines, by what they were loaded of. Any number of threads may call.

    To load one takes from a moment to minutes, and may never end. So that is done without the lock:
    whoever wants another graph, or this one to be forgotten, does not wait for it.

    most: graphs that are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()  # of all below
        self._engines: OrderedDict[Key, Engine] = OrderedDict()  # latest used last
        self._used: dict[Key, float] = {}
        self._loading: dict[Key, Event] = {}  # set when there is no more to wait for

    def __len__(self) -> int:
        return len(self._engines)

    def get(self, key: Key, load: Callable[[], Engine], cancel: Cancel) -> Engine:
        """Return the engine; `load` it if nobody has, or wait for whoever does.

        Raises:
            CancelledError: `cancel` was set while another loads it.
            Exception: whatever `load` raises; others who wait for it load it themselves then.
        """
        while True:
            with self._lock:
                if (engine := self._engines.get(key)) is not None:
                    self._engines.move_to_end(key)
                    self._used[key] = time.monotonic()
                    return engine
                other = self._loading.get(key)
                if other is None:
                    own = self._loading[key] = Event()
            if other is None:
                return self._load(key, load, own)
            while not other.wait(_POLL_SECONDS):
                cancel.raise_if_set()

    def forget(self, keys: Iterable[Key]) -> int:
        """Forget graphs, those that are being loaded too; return how many were in memory.

        Whoever draws with one keeps it until that is done, and whoever waits for one loads it anew.
        """
        with self._lock:
            return sum(self._forget(key) for key in keys)

    def forget_unused(self, seconds: float) -> int:
        """Forget the graphs that nobody has got for so long; return how many there were."""
        now = time.monotonic()
        with self._lock:
            unused = [key for key in self._engines if now - self._used[key] > seconds]
            return sum(self._forget(key) for key in unused)

    def _load(self, key: Key, load: Callable[[], Engine], over: Event) -> Engine:
        try:
            engine = load()
            with self._lock:
                if self._loading.get(key) is over:  # else it was forgotten meanwhile
                    self._engines[key] = engine
                    self._used[key] = time.monotonic()
                    while len(self._engines) > self._most:
                        self._forget(next(iter(self._engines)))
            return engine
        finally:
            with self._lock:
                if self._loading.get(key) is over:
                    del self._loading[key]
            over.set()

    def _forget(self, key: Key) -> bool:
        """Forget a graph; return whether it was in memory. The lock is held."""
        if (loading := self._loading.pop(key, None)) is not None:
            loading.set()
        self._used.pop(key, None)
        return self._engines.pop(key, None) is not None
