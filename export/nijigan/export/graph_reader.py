"""What an ONNX graph asks of an engine, read without the `onnx` package: its files and operators.

A graph is a protobuf message whose tensors may name a file beside it (`TensorProto.external_data`,
onnx.proto3), and whose nodes may name any operator. Whoever wrote the graph chose those names, so
they are checked before an engine opens it.
"""

from collections.abc import Iterator

# For each message the fields that can hold a tensor, and what they are. Field numbers: onnx.proto3.
_FIELDS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
_HAVE_NODES = ("graph", "function", "node", "attribute")
_OPERATOR, _DOMAIN = _NODE_TEXTS = (4, 7)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def external_files(graph: bytes) -> set[str]:
    """Return the file names that the tensors of a serialized ONNX model point to.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    return set(_locations(memoryview(graph), "model"))


def operators(graph: bytes) -> set[tuple[str, str]]:
    """Return domain and name of each operator of a serialized ONNX model; "" is ONNX's own domain.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    return set(_operators(memoryview(graph), "model"))


def _operators(data: memoryview, message: str) -> Iterator[tuple[str, str]]:
    children = {number: child for number, child in _FIELDS[message].items() if child in _HAVE_NODES}
    fields = [(number, value) for number, value in _length_delimited(data)]
    if message == "node":
        texts = {number: bytes(value).decode() for number, value in fields if number in _NODE_TEXTS}
        yield texts.get(_DOMAIN, ""), texts.get(_OPERATOR, "")
    for number, value in fields:
        if number in children:
            yield from _operators(value, children[number])


def _locations(data: memoryview, message: str) -> Iterator[str]:
    for number, value in _length_delimited(data):
        child = _FIELDS[message].get(number)
        if child == "entry":
            entry = {key: bytes(text) for key, text in _length_delimited(value)}
            if entry.get(1) == b"location":
                yield entry.get(2, b"").decode()
        elif child is not None:
            yield from _locations(value, child)


def _length_delimited(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and bytes of each field that holds bytes, text or a message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            _, at = _varint(data, at)
            continue
        if wire == _BYTES:
            size, at = _varint(data, at)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"unknown wire type {wire}")
        if at + size > len(data):
            raise ValueError("a field is longer than its message")
        if wire == _BYTES:
            yield number, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number does not end")
