"""What can go wrong with a call.

StylizerError              the sidecar refused or failed; branch on `reason`
├── SidecarNotRunningError no sidecar, or it went away
│   └── CertificateError   one answers, whose certificate is not accepted
├── IncompatibleError      the sidecar and this client are of different ages
├── TokenError             the token is not the sidecar's
├── BusyError              as many pictures as may wait are waiting; `retry_seconds` says when
├── DeadlineError          it took longer than the call may
└── CancelledError         the caller asked to stop
"""

from enum import IntEnum
from typing import Dict, Optional


class Code(IntEnum):
    """The status codes of gRPC."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class StylizerError(Exception):
    """The sidecar refused or failed. `str(error)` is one line for people.

    reason: upper-case words to branch on, such as "STYLE_NOT_FOUND"; "" where there is none.
    message: the fact. remedy: what to do about it, or "". metadata: what else the sidecar says,
    such as the path of its `log`. retry_seconds: when to try again, where that may help.
    """

    code = Code.UNKNOWN
    reason = ""

    def __init__(
        self,
        message: str,
        remedy: str = "",
        code: Optional[Code] = None,
        reason: Optional[str] = None,
        metadata: Optional[Dict[str, str]] = None,
        retry_seconds: Optional[float] = None,
    ) -> None:
        super().__init__(f"{message} {remedy}".rstrip())
        self.message = message
        self.remedy = remedy
        self.code = self.code if code is None else code
        self.reason = self.reason if reason is None else reason
        self.metadata = metadata or {}
        self.retry_seconds = retry_seconds


class SidecarNotRunningError(StylizerError):
    """There is no sidecar, or it went away."""

    code = Code.UNAVAILABLE
    reason = "SIDECAR_UNAVAILABLE"


class CertificateError(SidecarNotRunningError):
    """What answers has a certificate of another name, or of a root that is not trusted."""


class IncompatibleError(StylizerError):
    """The sidecar and this client are of different ages."""

    code = Code.UNIMPLEMENTED
    reason = "INCOMPATIBLE"


class TokenError(StylizerError):
    """The token is not the sidecar's."""

    code = Code.UNAUTHENTICATED
    reason = "UNAUTHENTICATED"


class BusyError(StylizerError):
    """As many pictures as may wait are waiting."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "SERVER_BUSY"


class DeadlineError(StylizerError):
    """It took longer than the call may."""

    code = Code.DEADLINE_EXCEEDED
    reason = "DEADLINE_EXCEEDED"


class CancelledError(StylizerError):
    """The caller asked to stop."""

    code = Code.CANCELLED
    reason = "CANCELLED"


BY_CODE = {
    error.code: error
    for error in (SidecarNotRunningError, IncompatibleError, TokenError, DeadlineError)
}
