"""HTTP/1.1 as uvicorn speaks it, with an end to connections that bring nothing."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle


class PatientProtocol(H11Protocol):
    """Closes a connection where no request begins in time, after it was opened or answered.

    uvicorn's own limit ends with the first byte, and a request's head may come one at a time. That
    limit's seconds are taken.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request; requests are told how to close the connection."""
        super().connection_made(transport)
        self.app_state = {"abort": transport.abort}
        self._expect_request_after(None)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, and for the client to read the answer."""
        answered = self.cycle
        super().on_response_complete()
        self._expect_request_after(answered)

    def _expect_request_after(self, last: RequestResponseCycle | None) -> None:
        def check() -> None:
            if self.cycle is last:
                self.transport.abort()

        self.loop.call_later(self.timeout_keep_alive, check)
