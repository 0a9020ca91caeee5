"""Ends calls whose client is silent or too slow, so that they do not hold a place for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TypeVar

import grpc

T = TypeVar("T")


@contextmanager
def patience(context: grpc.ServicerContext, seconds: float) -> Iterator[None]:
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
        with patience(context, seconds):
            try:
                message = next(requests)
            except StopIteration:
                return
        yield message
