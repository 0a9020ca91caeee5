"""How a call ended, from the headers that it ended with.

https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, google/rpc/status.proto and
google/rpc/error_details.proto, of which the messages below are.
"""

import binascii
from dataclasses import dataclass
from typing import ClassVar, Mapping, Optional, Tuple
from urllib.parse import unquote

from nijigan.client import wire
from nijigan.client.errors import (
    BY_CODE,
    BusyError,
    Code,
    IncompatibleError,
    SidecarNotRunningError,
    StylizerError,
)

_DOMAIN = "nijigan"
_Fields = Tuple[wire.Field, ...]


@dataclass(frozen=True)
class _Any(wire.Message):
    type_url: str = ""
    value: bytes = b""
    FIELDS: ClassVar[_Fields] = (
        wire.Field(1, "type_url", wire.STRING),
        wire.Field(2, "value", wire.BYTES),
    )


@dataclass(frozen=True)
class _Status(wire.Message):
    details: Tuple[_Any, ...] = ()
    FIELDS: ClassVar[_Fields] = (wire.Field(3, "details", wire.message(_Any), repeated=True),)


@dataclass(frozen=True)
class _Entry(wire.Message):
    key: str = ""
    value: str = ""
    FIELDS: ClassVar[_Fields] = (
        wire.Field(1, "key", wire.STRING),
        wire.Field(2, "value", wire.STRING),
    )


@dataclass(frozen=True)
class _ErrorInfo(wire.Message):
    reason: str = ""
    domain: str = ""
    metadata: Tuple[_Entry, ...] = ()
    FIELDS: ClassVar[_Fields] = (
        wire.Field(1, "reason", wire.STRING),
        wire.Field(2, "domain", wire.STRING),
        wire.Field(3, "metadata", wire.message(_Entry), repeated=True),
    )


@dataclass(frozen=True)
class _Duration(wire.Message):
    seconds: int = 0
    nanos: int = 0
    FIELDS: ClassVar[_Fields] = (
        wire.Field(1, "seconds", wire.UINT64),
        wire.Field(2, "nanos", wire.UINT32),
    )


@dataclass(frozen=True)
class _RetryInfo(wire.Message):
    retry_delay: _Duration = _Duration()
    FIELDS: ClassVar[_Fields] = (wire.Field(1, "retry_delay", wire.message(_Duration)),)


def error_from_headers(headers: Mapping[str, str]) -> Optional[StylizerError]:
    """Return the error that a call ended with, or None where it went well."""
    number = headers.get("grpc-status", "")
    if number == "0":
        return None
    if not number.isdigit():
        return IncompatibleError(
            f"The server does not speak gRPC (HTTP {headers.get(':status', '?')}).",
            "Check the address.",
        )
    code = Code(int(number)) if int(number) in set(Code) else Code.UNKNOWN
    if code == Code.CANCELLED:  # not by us: who cancels does not wait for the status
        return SidecarNotRunningError(
            "The sidecar stopped the call: it ends, or was kept waiting for too long.",
            "Retry. Where its log says CUT_OFF, send and read without long pauses.",
            code,
        )
    text = unquote(headers.get("grpc-message", ""))
    info, retry_seconds = _details(headers.get("grpc-status-details-bin", ""))
    metadata = {entry.key: entry.value for entry in info.metadata}
    remedy = metadata.pop("remedy", "")
    fact = text[: -len(remedy)].rstrip() if remedy and text.endswith(remedy) else text
    if code == Code.UNIMPLEMENTED and not remedy:
        remedy = "Update the older of sidecar and plugin."
    busy = info.reason == BusyError.reason
    error_class = BusyError if busy else BY_CODE.get(code, StylizerError)
    return error_class(
        fact or code.name, remedy, code, info.reason or error_class.reason, metadata, retry_seconds
    )


def _details(header: str) -> Tuple[_ErrorInfo, Optional[float]]:
    """Return what the details of a status say; nothing where they are missing or damaged."""
    info, retry_seconds = _ErrorInfo(), None
    try:
        data = binascii.a2b_base64(header + "=" * (-len(header) % 4))
        for detail in _Status.decode(data).details:
            kind = detail.type_url.rpartition("/")[2]
            if kind == "google.rpc.ErrorInfo":
                found = _ErrorInfo.decode(detail.value)
                info = found if found.domain == _DOMAIN else info
            elif kind == "google.rpc.RetryInfo":
                delay = _RetryInfo.decode(detail.value).retry_delay
                retry_seconds = delay.seconds + delay.nanos / 1e9
    except ValueError:  # of base64 or of a message
        pass
    return info, retry_seconds
