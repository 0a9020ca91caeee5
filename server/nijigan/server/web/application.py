"""The service as an ASGI application: connectrpc has the protocols, a thread runs each method."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, TypeVar

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from google.protobuf.descriptor import MethodDescriptor

from nijigan.server.service import StylizerService
from nijigan.server.web.admission import Admission
from nijigan.server.web.codec import codecs
from nijigan.server.web.context import WebContext, cut_off
from nijigan.v1 import stylizer_pb2 as pb

T = TypeVar("T")

_SERVICE = pb.DESCRIPTOR.services_by_name["StylizerService"]


class Application(ConnectASGIApplication[StylizerService]):
    """Answers the methods of the proto whose client sends one message: a page cannot send more.

    threads: runs the methods, which block. most_bytes: in the body of one request.
    """

    def __init__(
        self, service: StylizerService, threads: Executor, admission: Admission, most_bytes: int
    ) -> None:
        super().__init__(
            service=service,
            endpoints=lambda service: _endpoints(service, threads),
            interceptors=[admission],
            read_max_bytes=most_bytes,
            compressions=(),
            codecs=codecs(),
        )

    @property
    def path(self) -> str:
        """Where the service is mounted."""
        return f"/{_SERVICE.full_name}"


def _endpoints(service: StylizerService, threads: Executor) -> Mapping[str, Any]:
    return {
        f"/{_SERVICE.full_name}/{method.name}": _endpoint(service, method, threads)
        for method in _SERVICE.methods
        if not method.client_streaming
    }


def _endpoint(service: StylizerService, method: MethodDescriptor, threads: Executor) -> Any:
    info = MethodInfo(
        name=method.name,
        service_name=_SERVICE.full_name,
        input=getattr(pb, method.input_type.name),
        output=getattr(pb, method.output_type.name),
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.SERVER_STREAM if method.server_streaming else StreamType.UNARY,
    )
    answer = getattr(service, method.name)
    if method.server_streaming:
        return Endpoint.server_stream(info, _streaming(answer, threads))
    return Endpoint.unary(info, _single(answer, threads))


def _single(answer: Callable[..., T], threads: Executor) -> Callable[..., Any]:
    async def call(request: object, about: RequestContext[Any, Any]) -> T:
        context = _context(about)
        try:
            return await asyncio.wrap_future(threads.submit(answer, request, context))
        finally:
            context.end()

    return call


def _streaming(answer: Callable[..., Any], threads: Executor) -> Callable[..., Any]:
    async def call(request: object, about: RequestContext[Any, Any]) -> AsyncIterator[Any]:
        context = _context(about)
        answers = answer(request, context)
        step = threads.submit(next, answers, None)
        try:
            while (one := await asyncio.wrap_future(step)) is not None:
                yield one
                step = threads.submit(next, answers, None)
        finally:
            context.end()
            # A step that is under way ends soon, now that the service knows; not before is it
            # possible to close.
            step.add_done_callback(lambda _: answers.close())

    return call


def _context(about: RequestContext[Any, Any]) -> WebContext:
    """Return the context of a call; all connections of the pages of one origin are one client."""
    loop, cut = asyncio.get_running_loop(), cut_off.get()
    client = about.request_headers.get("origin") or about.client_address or ""

    def cut_soon() -> None:
        with suppress(RuntimeError):  # the port was closed, and all connections with it
            loop.call_soon_threadsafe(cut)

    return WebContext(f"web:{client}", cut_soon)
