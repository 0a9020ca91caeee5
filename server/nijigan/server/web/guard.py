"""Stands before the application: turns away what no allowed page sent, and clients that dawdle."""

import re
from collections.abc import Iterable

from nijigan.server.idle import Patience
from nijigan.server.service import MAX_HEADER_BYTES
from nijigan.server.web.asgi import App, Headers, Message, Receive, Send
from nijigan.server.web.body import Body
from nijigan.server.web.context import cut_off
from nijigan.server.web.cors import PREFLIGHT, answer_headers
from nijigan.server.web.origins import own_hosts

_NATIVE = re.compile(r"application/grpc([+;].*)?")
_CLOSE = (b"connection", b"close")


class Guard:
    """An ASGI application before another.

    port: of the listening socket. origins: of pages that may call, beside the port's own.
    most_bytes: in the body of a request.
    """

    def __init__(
        self, app: App, port: int, origins: Iterable[str], patience: Patience, most_bytes: int
    ) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._hosts = own_hosts(port)
        self._origins = {f"http://{host}" for host in self._hosts} | set(origins)
        self._patience = patience

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or have it answered."""
        headers: Headers = scope["headers"]
        refusal = self._refusal(headers)
        if refusal is not None:
            await _answer(send, refusal[0], [], refusal[1])
            return
        allowed = answer_headers(headers)
        if scope["method"] == "OPTIONS":
            await _answer(send, 204, [*allowed, *PREFLIGHT])
            return
        abort = scope["state"]["abort"]
        cut_off.set(abort)
        size = int("".join(_values(headers, b"content-length")) or 0)
        body = Body(receive, size, self._patience, abort)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                await body.drain(self._most_bytes)
                close = [] if body.done else [_CLOSE]
                message["headers"] = [*message["headers"], *allowed, *close]
            await send(message)

        await self._app(scope, body.receive, answer)

    def _refusal(self, headers: Headers) -> tuple[int, str] | None:
        """Return status and text for a request that must not come in."""
        if sum(len(name) + len(value) for name, value in headers) > MAX_HEADER_BYTES:
            return 431, f"The headers have more than {MAX_HEADER_BYTES} bytes. Send fewer."
        if not all(value.isascii() for _, value in headers):
            return 400, "A header is not ASCII. Encode what it says."
        (host,) = _values(headers, b"host") or [""]
        if host not in self._hosts:
            own = ", ".join(sorted(self._hosts))
            return 403, f"The host {host!r} is not this machine. Use one of {own}."
        for origin in _values(headers, b"origin"):
            if origin not in self._origins:
                return 403, (
                    f"Pages of {origin!r} may not call. If they shall, start the sidecar with "
                    f"--web-origin {origin}."
                )
        if any(_NATIVE.fullmatch(kind) for kind in _values(headers, b"content-type")):
            return 415, "Native gRPC is spoken at the other port. Use gRPC-Web or Connect here."
        return None


def _values(headers: Headers, wanted: bytes) -> list[str]:
    return [value.decode("ascii") for name, value in headers if name == wanted]


async def _answer(send: Send, status: int, headers: Headers, text: str = "") -> None:
    body = text.encode()
    about = [(b"content-type", b"text/plain; charset=utf-8"), _CLOSE]
    length = [] if status == 204 else [*about, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
