"""Whatever is sent, the sidecar refuses it with a status that is meant, and draws on.

NIJIGAN_FUZZ=20000 pytest tests/server/test_fuzz.py tries that many instead of a few hundred.
"""

import hashlib
import json
import os
import re
import shutil
from contextlib import suppress

import grpc
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nijigan.core.errors import NijiganError, StyleError
from nijigan.core.images import Picture, decode_picture, encode_picture
from nijigan.export.style import load_style
from nijigan.v1 import stylizer_pb2 as pb

COUNT = int(os.environ.get("NIJIGAN_FUZZ", "150"))
FUZZ = settings(
    max_examples=COUNT,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MEANT = {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED"}
NUMBERS = st.sampled_from([0, 1, 15, 16, 17, 40, 1 << 13, 1 << 16, (1 << 31) - 1, (1 << 32) - 1])
REGIONS = st.none() | st.builds(
    pb.Region, left_px=NUMBERS, top_px=NUMBERS, width_px=NUMBERS, height_px=NUMBERS
)
PIXELS = st.sampled_from([0, 1, 1023, 1024, 1025, 2048, 4096, (2 << 20) + 1]).map(bytes)


@st.composite
def stylize_settings(draw):
    """Mostly right, so that what is wrong gets past the first check."""
    content = {
        "style": draw(st.sampled_from(["toy", "toy", "toy", "tyo", "../toy", "", "x" * 500])),
        "quality": draw(st.integers(0, 5)),
        "width_px": draw(st.just(16) | NUMBERS),
        "height_px": draw(st.just(16) | NUMBERS),
        "format": draw(st.integers(0, 8)),
        "result_format": draw(st.integers(0, 8)),
        "preview_short_side_px": draw(st.just(0) | NUMBERS),
        "priority": draw(st.integers(0, 3)),
        "exchange_file": draw(st.just("") | st.sampled_from(["none", "../x", "a\0"])),
    }
    if draw(st.booleans()):
        content["strength"] = draw(st.floats(width=32))
    if (region := draw(REGIONS)) is not None:
        content["region"] = region
    which = draw(st.sampled_from(["", "scale_mode", "short_side_px"]))
    if which:
        content[which] = draw(st.integers(0, 3) if which == "scale_mode" else NUMBERS)
    return pb.StylizeSettings(**content)


def requests_of(request_class, others):
    """Messages of a call, in an order that may be right."""
    messages = st.lists(others | PIXELS.map(lambda data: request_class(chunk=data)), max_size=6)
    return messages.map(lambda sent: [message.SerializeToString() for message in sent])


STYLIZE = st.tuples(
    stylize_settings().map(lambda s: [pb.StylizeRequest(settings=s).SerializeToString()])
    | st.just([]),
    requests_of(pb.StylizeRequest, st.builds(pb.StylizeRequest)),
).map(lambda parts: parts[0] + parts[1])
FRAMES = st.tuples(
    stylize_settings().map(
        lambda each: [
            pb.StylizeFramesRequest(settings=pb.FramesSettings(each=each)).SerializeToString()
        ]
    ),
    requests_of(
        pb.StylizeFramesRequest,
        st.builds(pb.Frame, width_px=NUMBERS, height_px=NUMBERS, size_bytes=NUMBERS).map(
            lambda frame: pb.StylizeFramesRequest(frame=frame)
        ),
    ),
).map(lambda parts: parts[0] + parts[1])
FACES = st.tuples(
    st.builds(
        pb.FrameFaceSettings,
        width_px=NUMBERS,
        height_px=NUMBERS,
        format=st.integers(0, 7),
        result_format=st.integers(0, 7),
        size_px=NUMBERS,
        face=NUMBERS,
        anyway=st.booleans(),
        level_eyes=st.booleans(),
        transparent=st.booleans(),
    ).map(lambda settings: [pb.FrameFaceRequest(settings=settings).SerializeToString()])
    | st.just([]),
    requests_of(pb.FrameFaceRequest, st.builds(pb.FrameFaceRequest)),
).map(lambda parts: parts[0] + parts[1])
JUNK = st.lists(st.binary(max_size=200), max_size=4)


def outcome(client, method, messages):
    """The code that a call ends with."""
    call = client.channel.stream_stream(f"/nijigan.v1.StylizerService/{method}")
    try:
        for _ in call(iter(messages), timeout=30, metadata=client.metadata):
            pass
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


@FUZZ
@given(messages=STYLIZE)
def test_any_request_for_a_picture(client, messages):
    assert outcome(client, "Stylize", messages) in MEANT


@FUZZ
@given(messages=FRAMES)
def test_any_request_for_frames(client, messages):
    assert outcome(client, "StylizeFrames", messages) in MEANT


@FUZZ
@given(messages=FACES)
def test_any_request_for_a_face(client, messages):
    assert outcome(client, "FrameFace", messages) in MEANT


@FUZZ
@given(
    method=st.sampled_from(["Stylize", "StylizeFrames", "FrameFace", "GetStyle", "LoadStyle"]),
    messages=JUNK,
)
def test_any_bytes_as_messages(client, method, messages):
    """gRPC itself says INTERNAL of what is no message, or of none or two where there is one."""
    junk = {"INTERNAL", "UNIMPLEMENTED", "UNKNOWN"}
    assert outcome(client, method, messages) in MEANT | junk


def test_and_then_it_draws_as_before(client, sidecar):
    client.stylize(np.zeros((16, 16, 3), np.uint8))
    log = (sidecar.home / "logs/sidecar.log").read_text()
    assert not re.search(r"\d+ \w+ failed", log)  # a mistake of ours; gRPC logs what is no message


FILE = encode_picture(Picture(np.arange(48 * 16, dtype=np.uint8).reshape(16, 16, 3)), ".png")


@st.composite
def damaged(draw, data=FILE):
    """A file with some bytes changed, cut out or cut off."""
    found = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        if not found:
            break
        at = draw(st.integers(0, len(found) - 1))
        match draw(st.sampled_from(["set", "cut", "end", "insert"])):
            case "set":
                found[at] = draw(st.integers(0, 255))
            case "cut":
                del found[at : at + draw(st.integers(1, 20))]
            case "end":
                del found[at:]
            case "insert":
                found[at:at] = draw(st.binary(max_size=20))
    return bytes(found)


@FUZZ
@given(data=damaged() | st.binary(max_size=300))
def test_any_file_as_a_picture(data):
    with suppress(NijiganError):
        decode_picture(data)


@pytest.fixture(scope="module")
def style_folder(toy_style, tmp_path_factory):
    return shutil.copytree(toy_style, tmp_path_factory.mktemp("fuzz") / "toy")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@FUZZ
@given(data=st.data())
def test_any_description_of_a_style(style_folder, toy_style, data):
    whole = json.loads((toy_style / "style.json").read_text())
    place = whole
    for _ in range(data.draw(st.integers(0, 3))):
        inner = [value for value in place.values() if isinstance(value, dict) and value]
        if inner:
            place = data.draw(st.sampled_from(inner))
    key = data.draw(st.sampled_from(sorted(place)))
    if data.draw(st.booleans()):
        place[key] = data.draw(JSON)
    else:
        del place[key]
    (style_folder / "style.json").write_text(json.dumps(whole))
    with suppress(StyleError):
        load_style(style_folder)


@FUZZ
@given(data=st.data(), name=st.sampled_from(["normal.onnx", "style.json"]))
def test_any_bytes_as_a_file_of_a_style(style_folder, toy_style, data, name):
    content = data.draw(damaged((toy_style / name).read_bytes()))
    for file in ("style.json", "normal.onnx"):
        shutil.copyfile(toy_style / file, style_folder / file)
    (style_folder / name).write_bytes(content)
    if name != "style.json":  # with its hash, so that the graph itself is looked at
        described = json.loads((style_folder / "style.json").read_text())
        described["sha256"][name] = hashlib.sha256(content).hexdigest()
        (style_folder / "style.json").write_text(json.dumps(described))
    with suppress(StyleError):
        load_style(style_folder)
