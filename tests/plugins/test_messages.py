"""The client's generated messages against protoc's, byte for byte."""

import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.message import DecodeError as ProtobufDecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from nijigan.client import _messages, wire
from nijigan.v1 import stylizer_pb2

CLASSES = [
    cls
    for cls in vars(_messages).values()
    if isinstance(cls, type) and issubclass(cls, wire.Message)
]
NAN_FREE = st.floats(width=32, allow_nan=False)
VALUES = {
    wire.BOOL: st.booleans(),
    wire.UINT32: st.integers(0, 2**32 - 1),
    wire.UINT64: st.integers(0, 2**64 - 1),
    wire.ENUM: st.integers(-(2**31), 2**31 - 1),
    wire.FLOAT: NAN_FREE | st.just(-0.0),
    wire.STRING: st.text(max_size=8),
    wire.BYTES: st.binary(max_size=200),
}


def message_class(field):
    """The class of a message field: what its `read` is bound to."""
    return field.kind.read.__self__


def values_of(field):
    values = VALUES[field.kind] if field.kind in VALUES else messages(message_class(field))
    return st.lists(values, max_size=3).map(tuple) if field.repeated else values


@st.composite
def messages(draw, cls):
    chosen = [f for f in cls.FIELDS if draw(st.booleans())]
    fields = {f.oneof or f.name: f for f in chosen}  # of a oneof, the last
    return cls(**{f.name: draw(values_of(f)) for f in fields.values()})


def to_protobuf(ours):
    theirs = getattr(stylizer_pb2, type(ours).__name__)()
    for field in ours.FIELDS:
        value = getattr(ours, field.name)
        if field.kind not in VALUES:
            if field.repeated:
                getattr(theirs, field.name).extend(map(to_protobuf, value))
            elif value is not None:
                getattr(theirs, field.name).CopyFrom(to_protobuf(value))
        elif field.repeated:
            getattr(theirs, field.name).extend(value)
        elif value is not None:
            setattr(theirs, field.name, value)
    return theirs


def test_every_message_and_value_of_the_proto_is_there():
    names = [cls.__name__ for cls in CLASSES]
    assert sorted(names) == sorted(stylizer_pb2.DESCRIPTOR.message_types_by_name)
    for name, enum in stylizer_pb2.DESCRIPTOR.enum_types_by_name.items():
        assert [v.number for v in enum.values] == list(getattr(_messages, name))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@settings(deadline=None)
@given(data=st.data())
def test_bytes_equal_protoc_s(cls, data):
    ours = data.draw(messages(cls))
    assert ours.encode() == to_protobuf(ours).SerializeToString(deterministic=True)
    assert cls.decode(ours.encode()) == ours


@st.composite
def damaged(draw, cls):
    """Bytes of a message with a piece replaced."""
    data = draw(messages(cls)).encode()
    start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
    return data[:start] + draw(st.binary(max_size=10)) + data[end:]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@settings(deadline=None)
@given(data=st.data())
def test_damaged_bytes_are_read_as_protobuf_reads_them_or_refused(cls, data):
    content = data.draw(damaged(cls))
    try:
        ours = cls.decode(content)
        theirs = getattr(stylizer_pb2, cls.__name__).FromString(content)
    except (wire.DecodeError, ProtobufDecodeError):
        return  # each refuses more than the other: we groups, it nested nonsense in unknown fields
    theirs.DiscardUnknownFields()
    read = cls.decode(theirs.SerializeToString(deterministic=True))  # Python quiets NaNs; so here
    assert ours.encode() == read.encode()


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@settings(deadline=None)
@given(data=st.data())
def test_what_is_said_twice_is_merged_as_protobuf_does(cls, data):
    content = data.draw(messages(cls)).encode() + data.draw(messages(cls)).encode()
    theirs = getattr(stylizer_pb2, cls.__name__).FromString(content)
    assert cls.decode(content).encode() == theirs.SerializeToString(deterministic=True)


def test_unknown_fields_are_skipped():
    tail = b"\xf8\x07\x01" + b"\xfd\x07abcd" + b"\xf9\x07abcdefgh" + b"\xfa\x07\x02hi"
    progress = _messages.Progress(0.5, "drawing")
    assert _messages.Progress.decode(tail + progress.encode() + tail) == progress


@pytest.mark.parametrize(
    "made",
    [
        lambda: _messages.StylizeSettings(width_px=-1),
        lambda: _messages.StylizeSettings(width_px=2**32),
        lambda: _messages.Limits(max_pixels=2**64),
    ],
)
def test_a_number_out_of_range_is_refused(made):
    with pytest.raises(ValueError, match="is not in 0"):
        made().encode()


def test_a_strength_past_32_bits_is_infinite_as_in_protobuf():
    settings = _messages.StylizeSettings(strength=-1e300)
    assert _messages.StylizeSettings.decode(settings.encode()).strength == float("-inf")


def test_generated_files_are_up_to_date():
    script = Path(__file__).parents[2] / "scripts/generate_proto.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
