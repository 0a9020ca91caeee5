"""The body of a request, which a client must not take too long to send."""

import asyncio
from collections.abc import Callable

from nijigan.server.idle import Patience
from nijigan.server.web.asgi import Message, Receive

_GONE = {"type": "http.disconnect"}


class Body:
    """Hands on what comes, and cuts the connection where nothing does, or too slowly.

    size: what the client says that it has. cut_off: closes the connection.
    """

    def __init__(
        self, receive: Receive, size: int, patience: Patience, cut_off: Callable[[], None]
    ) -> None:
        self._receive = receive
        self._size = size
        self._idle = patience.idle
        self._end = asyncio.get_running_loop().time() + patience.upload
        self._cut_off = cut_off
        self.done = False

    async def receive(self) -> Message:
        """Return the next part; once all have come, wait until the client is gone."""
        if self.done:
            return await self._receive()
        left = self._end - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(self._idle, left)):
                message = await self._receive()
        except TimeoutError:
            self._cut_off()
            message = _GONE
        self.done = not message.get("more_body", False)
        return message

    async def drain(self, most_bytes: int) -> None:
        """Drop what is left, unless it is too much: many a client reads only after it has sent."""
        left = most_bytes
        while not self.done and self._size <= most_bytes and left >= 0:
            left -= len((await self.receive()).get("body", b""))
