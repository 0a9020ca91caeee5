"""Errors that only a sidecar has; the leaves of `nijigan.core.errors` are the rest.

NijiganError
├── UsageError
│   └── RequestError       messages in the wrong order, or fields that contradict each other
└── SidecarError
    ├── BusyError          as many pictures as may wait are waiting
    └── TokenError         a call without the sidecar's token
"""

from nijigan.core.errors import SidecarError, UsageError


class RequestError(UsageError):
    """A request breaks the rules of the interface; a client that does so has a bug."""

    reason = "INVALID_REQUEST"


class BusyError(SidecarError):
    """As many pictures as may wait are waiting."""

    reason = "SERVER_BUSY"
    grpc_code = "RESOURCE_EXHAUSTED"
    retry_seconds = 1.0


class TokenError(SidecarError):
    """A call carries no token, or not this sidecar's."""

    reason = "UNAUTHENTICATED"
    grpc_code = "UNAUTHENTICATED"
