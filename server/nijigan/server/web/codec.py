"""Messages as JSON and as bytes."""

from typing import Any

from connectrpc.codec import Codec
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from google.protobuf import json_format
from google.protobuf.message import DecodeError

from nijigan.core.errors import RequestError
from nijigan.server.shorten import shorten
from nijigan.server.status import to_status
from nijigan.server.web.errors import connect_error

_MOST_CHARACTERS = 200


def codecs() -> list[Codec[Any, Any]]:
    """Return those that clients may choose from.

    JSON is often written by hand: a field that is not known is refused, as it may be misspelled.
    """
    strict = google_protobuf_json_codec(ignore_unknown_fields=False)
    return [_Explaining(google_protobuf_binary_codec()), _Explaining(strict)]


class _Explaining(Codec[Any, Any]):
    """A codec whose refusals have a reason."""

    def __init__(self, codec: Codec[Any, Any]) -> None:
        self._codec = codec

    def name(self) -> str:
        return self._codec.name()

    def encode(self, message: Any) -> bytes:
        return self._codec.encode(message)

    def decode(self, data: bytes | bytearray, message_class: type[Any]) -> Any:
        try:
            return self._codec.decode(data, message_class)
        except (DecodeError, json_format.Error, ValueError) as problem:
            what = shorten(" ".join(str(problem).split()), _MOST_CHARACTERS)
            error = RequestError(
                f"The request is no {message_class.DESCRIPTOR.name}: {what}",
                "docs/api.md has the fields.",
            )
            raise connect_error(to_status(error, {})) from problem
