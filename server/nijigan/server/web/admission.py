"""Lets calls in, or refuses them before their body is read."""

from typing import Any

from connectrpc.request import RequestContext

from nijigan.core.errors import BusyError, NijiganError, RequestError
from nijigan.server.auth import carries, token_error
from nijigan.server.status import to_status
from nijigan.server.web.errors import connect_error


class Admission:
    """An interceptor of connectrpc. most_calls: at once; most_bytes: in the body of one."""

    def __init__(self, token: str, most_calls: int, most_bytes: int) -> None:
        self._token = token
        self._most_calls = most_calls
        self._most_bytes = most_bytes
        self._under_way = 0

    async def on_start(self, context: RequestContext[Any, Any]) -> None:
        """Let a call in.

        Raises:
            ConnectError: it has no token, too large a body, or others leave it no room.
        """
        error = self._refusal(context)
        if error is not None:
            raise connect_error(to_status(error, {}))
        self._under_way += 1

    async def on_end(self, *_: object) -> None:
        """Make room."""
        self._under_way -= 1

    def _refusal(self, context: RequestContext[Any, Any]) -> NijiganError | None:
        headers = context.request_headers
        if not carries(headers.get("authorization", "").encode(), self._token):
            return token_error()
        size = int(headers.get("content-length") or 0)
        if size > self._most_bytes:
            return RequestError(
                f"The request has {size} bytes; the limit is {self._most_bytes}.",
                "Send a smaller picture, or an encoded one.",
            )
        if self._under_way >= self._most_calls:
            return BusyError(f"{self._under_way} calls are under way.", "Try again in a moment.")
        return None
