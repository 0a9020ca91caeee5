"""Ends calls whose client is silent or too slow, so that they do not hold a place for ever."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import TypeVar
from weakref import WeakKeyDictionary

import grpc

T = TypeVar("T")

_LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Patience:
    """How long is waited, in seconds.

    idle: for each message of a client, and for a client to take one. upload: for a whole picture.
    frame: for each message with the frames of an animation, which may have to be rendered. hang:
    for an engine that shows no progress.
    """

    idle: float = 30.0
    upload: float = 300.0
    frame: float = 600.0
    hang: float = 300.0


class Limits:
    """Cancels calls that wait for their client for too long.

    One thread looks at all of them many times a second: a timer for each message, which is a thread
    too, would cost more than the message.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._due: dict[int, tuple[float, float, grpc.ServicerContext]] = {}
        self._cut_off: WeakKeyDictionary[grpc.ServicerContext, float] = WeakKeyDictionary()
        self._ended = Event()
        self._thread = Thread(target=self._look, name="limits", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Cancel no more."""
        self._ended.set()
        self._thread.join()

    @contextmanager
    def limit(self, context: grpc.ServicerContext, seconds: float) -> Iterator[None]:
        """Cancel the call if the body, which waits for the client, takes longer than `seconds`."""
        number = next(self._numbers)
        self._due[number] = (time.monotonic() + seconds, seconds, context)
        try:
            yield
        finally:
            self._due.pop(number, None)

    def patiently(
        self, requests: Iterator[T], context: grpc.ServicerContext, seconds: float
    ) -> Iterator[T]:
        """Yield the messages of a client, which may take `seconds` for each.

        Raises:
            grpc.RpcError: it took longer.
        """
        while True:
            with self.limit(context, seconds):
                try:
                    message = next(requests)
                except StopIteration as error:
                    if self.cut_off_after(context) is not None:  # gRPC may take it for the end
                        raise grpc.RpcError from error
                    return
            yield message

    def cut_off_after(self, context: grpc.ServicerContext) -> float | None:
        """Return the seconds that a client had, where its call was cancelled for them."""
        return self._cut_off.get(context)

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            now = time.monotonic()
            for number, (due, seconds, context) in list(self._due.items()):
                if due < now:
                    with suppress(KeyError):  # it came meanwhile
                        del self._due[number]
                        self._cut_off[context] = seconds
                        context.cancel()  # type: ignore[no-untyped-call]
