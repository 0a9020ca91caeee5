"""Protocol Buffers in pure Python: as much of the wire format as nijigan's messages need.

Hosts share one interpreter among all add-ons, where a second `google.protobuf` would clash with
another add-on's. The classes in `_messages.py` are generated; this is what they are made of.
Wire format: https://protobuf.dev/programming-guides/encoding/
"""

import math
import struct
from typing import Any, Callable, ClassVar, Dict, Iterator, NamedTuple, Tuple, Type, TypeVar, Union

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_Payload = Union[int, bytes]
_M = TypeVar("_M", bound="Message")


class DecodeError(ValueError):
    """Bytes that are no message."""


class Kind(NamedTuple):
    """How values of one type are written. `zero` is the payload that is left out."""

    wire_type: int
    write: Callable[[Any], bytes]
    read: Callable[[Any], Any]
    zero: bytes


class Field(NamedTuple):
    """One field of a message. `optional`: None where it is not set; so are members of a `oneof`."""

    number: int
    name: str
    kind: Kind
    repeated: bool = False
    optional: bool = False
    oneof: str = ""


class Message:
    """Base of the generated classes, which are frozen dataclasses."""

    FIELDS: ClassVar[Tuple[Field, ...]] = ()

    def encode(self) -> bytes:
        """Return the message's bytes, fields in the order of their numbers.

        Raises:
            ValueError: a number is out of its field's range.
        """
        parts = []
        for field in self.FIELDS:
            value = getattr(self, field.name)
            present = field.repeated or field.optional
            for item in value if field.repeated else () if value is None else (value,):
                payload = field.kind.write(item)
                if not present and payload == field.kind.zero:
                    continue
                parts.append(_varint(field.number << 3 | field.kind.wire_type))
                if field.kind.wire_type == _BYTES:
                    parts.append(_varint(len(payload)))
                parts.append(payload)
        return b"".join(parts)

    @classmethod
    def decode(cls: Type[_M], data: bytes) -> _M:
        """Return the message that `data` holds; fields that it does not know are skipped.

        Raises:
            DecodeError: `data` is cut off or is no message.
        """
        values: Dict[str, Any] = {}
        known = {field.number: field for field in cls.FIELDS}
        for number, wire_type, payload in _read_fields(data):
            field = known.get(number)
            if field is None or field.kind.wire_type != wire_type:
                continue
            value = field.kind.read(payload)
            if field.oneof:
                for other in cls.FIELDS:
                    if other.oneof == field.oneof and other is not field:
                        values.pop(other.name, None)
            if field.repeated:
                value = (*values.get(field.name, ()), value)
            elif isinstance(value, Message) and field.name in values:
                value = value.decode(values[field.name].encode() + payload)  # joined is merged
            values[field.name] = value
        return cls(**values)


def message(cls: Type[Message]) -> Kind:
    """Return the kind of a field that holds a message of the class `cls`."""
    return Kind(_BYTES, lambda value: value.encode(), cls.decode, b"")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> Tuple[int, int]:
    value = 0
    for i in range(10):
        if at + i >= len(data):
            break
        value |= (data[at + i] & 0x7F) << 7 * i
        if data[at + i] < 0x80:
            return value & (1 << 64) - 1, at + i + 1
    raise DecodeError(f"A number is cut off or too long at byte {at}.")


def _read_fields(data: bytes) -> Iterator[Tuple[int, int, _Payload]]:
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        number, wire_type = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise DecodeError(f"Field number {number} at byte {at}.")
        if wire_type == _VARINT:
            value, at = _read_varint(data, at)
            yield number, wire_type, value
            continue
        if wire_type == _BYTES:
            size, at = _read_varint(data, at)
        elif wire_type in (_FIXED32, _FIXED64):
            size = 4 if wire_type == _FIXED32 else 8
        else:
            raise DecodeError(f"Wire type {wire_type} at byte {at}.")
        if at + size > len(data):
            raise DecodeError(f"Field {number} is cut off at byte {at}.")
        yield number, wire_type, data[at : at + size]
        at += size


def _unsigned(bits: int) -> Kind:
    def write(value: int) -> bytes:
        if not 0 <= value < 1 << bits:
            raise ValueError(f"{value} is not in 0…2^{bits}-1.")
        return _varint(value)

    return Kind(_VARINT, write, lambda value: value & (1 << bits) - 1, b"\0")


def _write_enum(value: int) -> bytes:
    return _varint(value & (1 << 64) - 1)


def _read_enum(value: int) -> int:
    low = value & (1 << 32) - 1
    return low - (1 << 32) if low >> 31 else low


def _write_float(value: float) -> bytes:
    try:
        return struct.pack("<f", value)
    except OverflowError:  # too large for 32 bits
        return struct.pack("<f", math.copysign(math.inf, value))


def _read_float(payload: bytes) -> float:
    return float(struct.unpack("<f", payload)[0])


def _read_text(payload: bytes) -> str:
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError(f"A text is not UTF-8: {error}.") from error


def _write_text(value: str) -> bytes:
    return value.encode("utf-8")


BOOL = Kind(_VARINT, lambda value: b"\1" if value else b"\0", bool, b"\0")
UINT32 = _unsigned(32)
UINT64 = _unsigned(64)
ENUM = Kind(_VARINT, _write_enum, _read_enum, b"\0")
FLOAT = Kind(_FIXED32, _write_float, _read_float, b"\0\0\0\0")
STRING = Kind(_BYTES, _write_text, _read_text, b"")
BYTES = Kind(_BYTES, bytes, bytes, b"")
