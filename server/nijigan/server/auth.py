"""The token that every call carries, so that other users of the machine cannot draw, or read."""

import hmac
import os
import re
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest

from nijigan.core.errors import SidecarError, TokenError
from nijigan.server.status import to_status

_HEALTH_CHECK = "/grpc.health.v1.Health/Check"
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"
_Continue: TypeAlias = Callable[[grpc.HandlerCallDetails], _Handler]


def new_token() -> str:
    """Return 256 random bits, as text."""
    return secrets.token_urlsafe(32)


def read_token(path: Path) -> str:
    """Return the token in a file of the user's own.

    Raises:
        SidecarError: it cannot be read, others can read it too, or the token is easily guessed.
    """
    try:
        token = path.read_text(encoding="ascii").strip()
        others_too = sys.platform != "win32" and path.stat().st_mode & _rights_of_others(path)
    except (OSError, UnicodeError) as error:
        raise SidecarError(f"The token cannot be read ({error}).", "Check --token-file.") from error
    if others_too:
        raise SidecarError(f"{path} can be read by others.", f"Run: chmod 600 {path}")
    if not re.fullmatch(r"[\x21-\x7e]{32,512}", token):
        raise SidecarError(
            f"{path} has no token of 32 to 512 characters without spaces.",
            'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(32))"',
        )
    return token


def _rights_of_others(path: Path) -> int:
    """Return the bits of a file's mode that let others than its user read it.

    systemd lets a service read its credentials by an entry of an access list, whose mask the mode
    shows as rights of the group.
    """
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and path.resolve().is_relative_to(Path(credentials).resolve()):
        return 0o007
    return 0o077


def carries(authorization: bytes, token: str) -> bool:
    """Whether a header `authorization` has the token; takes the same time wherever it differs."""
    return hmac.compare_digest(authorization, f"Bearer {token}".encode())


def token_error() -> TokenError:
    """Return what a call without the token is told."""
    return TokenError(
        "The call has no token, or not this sidecar's.", "Read sidecar.json again and reconnect."
    )


class TokenInterceptor(grpc.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs alone
    """Lets calls through that carry `authorization: Bearer <token>`, and `Health.Check("")`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def intercept_service(
        self, continuation: _Continue, handler_call_details: grpc.HandlerCallDetails
    ) -> _Handler:
        """Replace the handler of a call that has no right to it."""
        given = dict(handler_call_details.invocation_metadata).get("authorization", "")
        given = given if isinstance(given, bytes) else given.encode()
        if carries(given, self._token):
            return continuation(handler_call_details)
        if handler_call_details.method == _HEALTH_CHECK:
            return _only_overall(continuation(handler_call_details))
        # Of a stream, so that a client which waits for an answer before it sends gets one.
        return grpc.stream_stream_rpc_method_handler(lambda _, context: _refuse(context))


def _refuse(context: grpc.ServicerContext) -> Any:
    context.abort_with_status(to_status(token_error(), {}))


def _only_overall(handler: _Handler) -> _Handler:
    """Let the health check tell how the sidecar is, and nothing about the styles in it."""
    if handler is None or handler.unary_unary is None:
        return handler
    answer = handler.unary_unary

    def check(request: HealthCheckRequest, context: grpc.ServicerContext) -> Any:
        return _refuse(context) if request.service else answer(request, context)

    return grpc.unary_unary_rpc_method_handler(
        check, handler.request_deserializer, handler.response_serializer
    )
