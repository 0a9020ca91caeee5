"""What browsers must be told before a page may call and see the answer (CORS)."""

from nijigan.server.web.asgi import Headers

PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"POST"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, connect-protocol-version, connect-timeout-ms, "
        b"grpc-timeout, x-grpc-web, x-user-agent",
    ),
    (b"access-control-max-age", b"7200"),
]
"""Beside those of every answer, to the question that a browser asks before it calls."""

_SEEN = b"grpc-status, grpc-message, grpc-status-details-bin"


def answer_headers(request: Headers) -> Headers:
    """Return the headers of every answer to a request whose origin is allowed."""
    origins = [value for name, value in request if name == b"origin"]
    return [
        (b"vary", b"origin"),
        (b"access-control-expose-headers", _SEEN),
        *((b"access-control-allow-origin", origin) for origin in origins),
    ]
