"""Errors of the sidecar as Connect and gRPC-Web tell them."""

from typing import Any

import grpc
from connectrpc.code import Code
from connectrpc.errors import ConnectError, ErrorDetail
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.json_format import MessageToDict
from google.rpc import error_details_pb2  # noqa: F401 - what is packed is found by it
from google.rpc.status_pb2 import Status
from protobuf import message_from_json_value
from protobuf.wkt import Any as PackedForWeb
from protobuf.wkt import Struct

_DETAILS = "grpc-status-details-bin"


def connect_error(status: grpc.Status) -> ConnectError:
    """Return the error of the same code, text and details as the status of a native call."""
    code = "CANCELED" if status.code is grpc.StatusCode.CANCELLED else status.code.name
    metadata = dict(status.trailing_metadata or ())
    packed = Status.FromString(metadata[_DETAILS]).details
    return ConnectError(Code[code], status.details, [_Detail(each) for each in packed])


class _Detail(ErrorDetail):
    """A detail that is also told in JSON (`debug`), so that a page needs no codec to read it."""

    def __init__(self, packed: Packed) -> None:
        super().__init__(PackedForWeb(type_url=packed.type_url, value=packed.value))
        fields = MessageToDict(packed)
        del fields["@type"]
        self._fields = message_from_json_value(Struct, fields)

    def value(self, _: Any = None) -> Any:
        """Return the fields."""
        return self._fields
