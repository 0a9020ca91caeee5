"""Ends calls whose client is silent or too slow, so that they do not hold a place for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer
from typing import TypeVar

import grpc

T = TypeVar("T")


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


@contextmanager
def limit(context: grpc.ServicerContext, seconds: float) -> Iterator[None]:
    """Cancel the call if the body, which waits for the client, takes longer than `seconds`."""
    timer = Timer(seconds, context.cancel)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def patiently(requests: Iterator[T], context: grpc.ServicerContext, seconds: float) -> Iterator[T]:
    """Yield the messages of a client, which may take `seconds` for each."""
    while True:
        with limit(context, seconds):
            try:
                message = next(requests)
            except StopIteration:
                return
        yield message
