"""Turns errors into what goes over the wire: `google.rpc.Status` with one `ErrorInfo` (AIP-193)."""

from collections.abc import Mapping

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from nijigan.core.errors import BusyError, NijiganError, SeveralFacesError
from nijigan.server.shorten import shorten

DOMAIN = "nijigan"
# Headers that are longer than 8 KiB in all may cost a client its connection.
_MOST_CHARACTERS = 300


def to_status(error: NijiganError, metadata: Mapping[str, str]) -> grpc.Status:
    """Return the status that a call ends with.

    The `ErrorInfo` has the error's reason, and `metadata` with the remedy added; a `BusyError` has
    a `RetryInfo` too, a `SeveralFacesError` the metadata `faces`: "left,top,width,height; …".
    Texts are cut to 300 characters: an error may quote what a client sent.
    """
    message, remedy = _cut(error.message), _cut(error.remedy)
    facts = {name: _cut(value) for name, value in metadata.items()}
    if remedy:
        facts["remedy"] = remedy
    if isinstance(error, SeveralFacesError):
        facts["faces"] = _cut("; ".join(",".join(map(str, face)) for face in error.faces))
    details = [_any(ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=facts))]
    if isinstance(error, BusyError):
        delay = Duration()
        delay.FromMilliseconds(int(error.retry_seconds * 1000))
        details.append(_any(RetryInfo(retry_delay=delay)))
    number = grpc.StatusCode[error.grpc_code].value[0]
    status = Status(code=number, message=f"{message} {remedy}".rstrip(), details=details)
    return rpc_status.to_status(status)


def _cut(text: str) -> str:
    return shorten(text, _MOST_CHARACTERS)


def _any(message: ErrorInfo | RetryInfo) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed
