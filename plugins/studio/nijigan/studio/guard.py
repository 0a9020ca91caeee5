"""What of a request must be right before the page's server looks at it.

A page on 127.0.0.1 can be called by every program and every user of this machine, and by any web
page that the user visits. So its address has a secret; a request must name this machine as its host
and may not come from another page; and only those of Gradio's routes are there that the page uses.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any

from nijigan.studio.workspace import SHOWN

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

# Of the page itself, below its secret: what it is made of, what it shows, and its events. Left out
# are Gradio's routes that read files by path, fetch other addresses or describe an interface.
_GET = re.compile(
    rf"(config|theme\.css|(assets|static|{SHOWN})/[^/].*|"
    r"gradio_api/(heartbeat/\w+|upload_progress|startup-events|app_id|info))?"
)
_POST = re.compile(r"gradio_api/(upload|run/predict)/?")
_ROUTES = {"GET": _GET, "HEAD": _GET, "POST": _POST}

# Scripts and styles are Gradio's own, which evaluates its templates; nothing comes from elsewhere.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self' blob: data:",
        "worker-src 'self' blob:",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'none'",
    )
)
_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), usb=(), serial=()"),
]


class Guard:
    """An ASGI application that lets through what the page of `secret` at `port` asks for."""

    def __init__(self, application: Application, secret: str, port: int) -> None:
        self._application = application
        self._secret = secret
        names = ("127.0.0.1", "localhost")
        self._hosts = {f"{name}:{port}".encode() for name in names}
        self._origins = {f"http://{name}:{port}".encode() for name in names}
        self.ticket = token_urlsafe(24)
        """Leads to the page once. A browser that is started with an address shows it to every user
        of the machine, in its arguments: so it is started with this one."""
        self._ticket_is_used = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on. The page has no websockets."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        if self._uses_ticket(scope):
            await _lead(send, f"/{self._secret}/")
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(send, refusal)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in _HEADERS}
                others = [pair for pair in message.get("headers", ()) if pair[0] not in ours]
                message["headers"] = [*others, *_HEADERS]
            await send(message)

        await self._application(scope, receive, send_with_headers)

    def _uses_ticket(self, scope: Message) -> bool:
        given = str(scope["path"]).lstrip("/").encode()
        if self._ticket_is_used or scope["method"] != "GET":
            return False
        self._ticket_is_used = compare_digest(given, self.ticket.encode())
        return self._ticket_is_used

    def _refusal(self, scope: Message) -> str | None:
        """Say why a request is not for the page; None where it is."""
        headers = dict(scope["headers"])
        if headers.get(b"host") not in self._hosts:
            return "The page is at 127.0.0.1 alone."
        if headers.get(b"origin", next(iter(self._origins))) not in self._origins:
            return "Other pages may not call this one."
        if headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
            return "Other pages may not call this one."
        secret, slash, rest = str(scope["path"]).lstrip("/").partition("/")
        if not slash or not compare_digest(secret.encode(), self._secret.encode()):
            return "Open the address that `nijigan studio` has printed, all of it."
        allowed = _ROUTES.get(scope["method"])
        if allowed is None or not allowed.fullmatch(rest) or ".." in rest:
            return "No such page."
        return None


async def _lead(send: Send, path: str) -> None:
    await _answer(send, 303, (b"location", path.encode()), (b"cache-control", b"no-store"))


async def _refuse(send: Send, text: str) -> None:
    kind = (b"content-type", b"text/plain; charset=utf-8")
    await _answer(send, 403, kind, body=f"{text}\n".encode())


async def _answer(
    send: Send, status: int, *headers: tuple[bytes, bytes], body: bytes = b""
) -> None:
    every = [*headers, *_HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body})
