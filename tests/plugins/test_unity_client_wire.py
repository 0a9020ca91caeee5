"""What Unity's client reads and writes, byte for byte: messages, header blocks, ends of calls."""

import base64
import json
import random
import re
from pathlib import Path

import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import ErrorInfo, Help, RetryInfo
from google.rpc.status_pb2 import Status
from hpack import Decoder, Encoder

from nijigan.client.grpc_status import error_from_headers
from nijigan.v1 import stylizer_pb2

PACKAGE = Path(__file__).parents[2] / "plugins/unity/com.nijigan.stylizer"
NAMES = sorted(stylizer_pb2.DESCRIPTOR.message_types_by_name)
TAIL = b"\xf8\x07\x01" + b"\xfd\x07abcd" + b"\xf9\x07abcdefgh" + b"\xfa\x07\x02hi"


def value_of(field, rng):
    if field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE:
        return made(field.message_type, rng, 1.0)
    return {
        FieldDescriptor.TYPE_BOOL: lambda: True,
        FieldDescriptor.TYPE_UINT32: lambda: rng.choice([0, 1, 127, 128, 2**32 - 1]),
        FieldDescriptor.TYPE_UINT64: lambda: rng.choice([0, 300, 2**64 - 1]),
        FieldDescriptor.TYPE_ENUM: lambda: rng.choice([0, 1, 2, 99, -1]),
        FieldDescriptor.TYPE_FLOAT: lambda: rng.choice([0.0, -0.0, 0.5, float("inf"), -1e-40]),
        FieldDescriptor.TYPE_STRING: lambda: rng.choice(["", "cel", "Bäume 🌳", "x" * 300]),
        FieldDescriptor.TYPE_BYTES: lambda: rng.choice([b"", b"\0\xff", bytes(200)]),
    }[field.type]()


def made(descriptor, rng, share):
    """A message of protoc's; each field set with that chance, and of a oneof at most one."""
    message = getattr(stylizer_pb2, descriptor.name)()
    fields = [field for field in descriptor.fields if rng.random() < share]
    rng.shuffle(fields)
    for field in fields:
        if field.is_repeated:
            getattr(message, field.name).extend(value_of(field, rng) for _ in range(3))
        elif field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE:
            getattr(message, field.name).CopyFrom(value_of(field, rng))
            getattr(message, field.name).SetInParent()
        else:
            setattr(message, field.name, value_of(field, rng))
    return message


def samples(count=20):
    """Messages of every kind: all fields set, some, none."""
    rng = random.Random(5)
    shares = [1.0] * count + [0.5] * count + [0.0]
    return [
        made(stylizer_pb2.DESCRIPTOR.message_types_by_name[n], rng, s)
        for n in NAMES
        for s in shares
    ]


def recode(ask_unity, pairs):
    return ask_unity("messages", [f"{name} {data.hex()}" for name, data in pairs])


def test_every_message_is_read_and_written_as_protoc_does(ask_unity):
    sent = [(type(m).__name__, m.SerializeToString(deterministic=True)) for m in samples()]
    fields = {
        (n, field.name)
        for m in samples()
        for n in [type(m).__name__]
        for field, _ in m.ListFields()
    }
    assert fields == {
        (name, field.name)
        for name, message in stylizer_pb2.DESCRIPTOR.message_types_by_name.items()
        for field in message.fields
    }
    assert recode(ask_unity, sent) == [data.hex() for _, data in sent]


def test_unknown_fields_are_skipped_and_what_is_said_twice_is_merged(ask_unity):
    sent, expected = [], []
    messages = samples(4)
    rng = random.Random(6)
    for message in messages:
        name = type(message).__name__
        other = rng.choice([each for each in messages if type(each) is type(message)])
        data = message.SerializeToString(deterministic=True)
        twice = data + other.SerializeToString(deterministic=True)
        merged = type(message).FromString(twice)
        sent += [(name, TAIL + data + TAIL), (name, twice)]
        expected += [data.hex(), merged.SerializeToString(deterministic=True).hex()]
    assert recode(ask_unity, sent) == expected


def test_what_is_cut_off_or_damaged_is_refused_as_protoc_does(ask_unity):
    rng = random.Random(7)
    sent = []
    for message in samples(2):
        data = message.SerializeToString(deterministic=True)
        sent += [(type(message).__name__, data[:end]) for end in range(0, len(data), 7)]
    for message in samples(5):
        data = bytearray(message.SerializeToString(deterministic=True))
        if data:
            data[rng.randrange(len(data))] = rng.randrange(256)
        sent.append((type(message).__name__, bytes(data)))
    refused = 0
    for (name, data), answer in zip(sent, recode(ask_unity, sent), strict=True):
        refused += answer.startswith("error: WireException")
        try:
            theirs = getattr(stylizer_pb2, name).FromString(data)
        except DecodeError:
            continue  # we read no nonsense in unknown fields, as it does
        if answer.startswith("error: WireException: Wire type"):
            continue  # a group, which it skips
        theirs.DiscardUnknownFields()
        assert answer == theirs.SerializeToString(deterministic=True).hex(), (name, data.hex())
    assert refused > 100


@pytest.mark.parametrize(
    "data",
    [
        "0a",
        "0a05abcd",
        "0aff",
        "0affffffffffffffffff7f",
        "08" + "80" * 10 + "01",
        "00",
        "0b",
        "0d0000",
    ],
)
def test_no_message(ask_unity, data):
    (answer,) = ask_unity("messages", [f"GetStyleRequest {data}"])
    assert answer.startswith("error: WireException: ")


# RFC 7541, appendix C: blocks, then the headers of each.
DATE = "Mon, 21 Oct 2013 20:13:21 GMT"
LATER = "Mon, 21 Oct 2013 20:13:22 GMT"
COOKIE = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
REQUESTS = [
    [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")],
    [
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "www.example.com"),
        ("cache-control", "no-cache"),
    ],
    [
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/index.html"),
        (":authority", "www.example.com"),
        ("custom-key", "custom-value"),
    ],
]
URL = ("location", "https://www.example.com")
RESPONSES = [
    [(":status", "302"), ("cache-control", "private"), ("date", DATE), URL],
    [(":status", "307"), ("cache-control", "private"), ("date", DATE), URL],
    [
        (":status", "200"),
        ("cache-control", "private"),
        ("date", LATER),
        URL,
        ("content-encoding", "gzip"),
        ("set-cookie", COOKIE),
    ],
]
PLAIN_REQUESTS = [
    "828684410f7777772e6578616d706c652e636f6d",
    "828684be58086e6f2d6361636865",
    "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
]
CODED_REQUESTS = [
    "828684418cf1e3c2e5f23a6ba0ab90f4ff",
    "828684be5886a8eb10649cbf",
    "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
]
PLAIN_RESPONSES = [
    "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
    "6e1768747470733a2f2f7777772e6578616d706c652e636f6d",
    "4803333037c1c0bf",
    "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f"
    "3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076"
    "657273696f6e3d31",
]
CODED_RESPONSES = [
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f"
    "0b97c8e9ae82ae43d3",
    "4883640effc1c0bf",
    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335df"
    "dfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
]


@pytest.mark.parametrize("blocks", [PLAIN_REQUESTS, CODED_REQUESTS], ids=["C.3", "C.4"])
def test_the_requests_of_rfc_7541(ask_unity, blocks):
    answers = [json.loads(line) for line in ask_unity("hpack", blocks)]
    assert [list(map(tuple, each["headers"])) for each in answers] == REQUESTS
    assert [each["size"] for each in answers] == [57, 110, 164]
    assert answers[-1]["table"] == [
        ["custom-key", "custom-value"],
        ["cache-control", "no-cache"],
        [":authority", "www.example.com"],
    ]


@pytest.mark.parametrize("blocks", [PLAIN_RESPONSES, CODED_RESPONSES], ids=["C.5", "C.6"])
def test_the_responses_of_rfc_7541_whose_table_has_256_bytes(ask_unity, blocks):
    lines = ask_unity("hpack", [f"limit {block}" for block in blocks])
    answers = [json.loads(line) for line in lines]
    assert [list(map(tuple, each["headers"])) for each in answers] == RESPONSES
    assert [each["size"] for each in answers] == [222, 222, 215]
    assert answers[-1]["table"] == [
        ["set-cookie", COOKIE],
        ["content-encoding", "gzip"],
        ["date", LATER],
    ]


@pytest.mark.parametrize(
    ("block", "headers", "size"),
    [
        (
            "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
            [["custom-key", "custom-header"]],
            55,
        ),
        ("040c2f73616d706c652f70617468", [[":path", "/sample/path"]], 0),
        ("100870617373776f726406736563726574", [["password", "secret"]], 0),
        ("82", [[":method", "GET"]], 0),
    ],
    ids=["C.2.1", "C.2.2", "C.2.3", "C.2.4"],
)
def test_the_single_headers_of_rfc_7541(ask_unity, block, headers, size):
    answer = json.loads(ask_unity("hpack", [block])[0])
    assert (answer["headers"], answer["size"]) == (headers, size)


@pytest.mark.parametrize(
    "block",
    [
        "80",  # index 0
        "be",  # an empty table has no index 62
        "ffffffffff7f",  # a number past 31 bits
        "ffffffffffffffffff01",
        "40",  # cut off
        "400a6375",
        "3fe21f82",  # a table of 4097 bytes
        "8220",  # resized in the middle
        "400161ff",
        "4001618100",  # Huffman: padded with zeros
        "40016181ff",  # a whole byte of padding
        "40016184ffffffff",  # the end of the string is in it
    ],
)
def test_no_header_block(ask_unity, block):
    assert ask_unity("hpack", [block])[0].startswith("error: HpackException: ")


def test_header_blocks_of_another_library(ask_unity):
    rng = random.Random(8)
    encoder, blocks, expected = Encoder(), [], []
    for _ in range(300):
        if rng.random() < 0.1:
            encoder.header_table_size = rng.choice([0, 64, 300, 4096])
        headers = [
            (
                rng.choice(
                    ["grpc-status", "x-" + "n" * rng.randrange(9), "content-type", ":status"]
                ),
                "".join(chr(rng.randrange(1, 256)) for _ in range(rng.randrange(40))),
            )
            for _ in range(rng.randrange(1, 8))
        ]
        pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        blocks.append(encoder.encode(pairs, huffman=rng.random() < 0.7).hex())
        expected.append(headers)
    answers = [json.loads(line)["headers"] for line in ask_unity("hpack", blocks)]
    assert [list(map(tuple, headers)) for headers in answers] == expected


def test_header_blocks_for_another_library(ask_unity):
    headers = [
        (":method", "POST"),
        (":path", "/" + "p" * 200),
        ("authorization", "Bearer secret"),
        ("te", "trailers"),
    ]
    first, second = ask_unity("hpack-encode", [json.dumps(headers)] * 2)
    decoder = Decoder()
    decoder.max_allowed_table_size = decoder.header_table_size = 4096
    for block in (first, second):
        decoded = decoder.decode(bytes.fromhex(block))
        assert [(h[0], h[1]) for h in decoded] == headers
    assert b"authorization" not in bytes.fromhex(second)  # by its index,
    assert b"\x1f\x08\rBearer secret" in bytes.fromhex(second)  # and never to be kept on the way


def details(*messages):
    status = Status(code=8, message="ignored")
    for message in messages:
        status.details.append(Any())
        status.details[-1].Pack(message)
    return base64.b64encode(status.SerializeToString()).decode()


INFO = ErrorInfo(
    reason="SERVER_BUSY", domain="nijigan", metadata={"remedy": "Wait für it.", "request": "3"}
)
OTHER = ErrorInfo(reason="STYLE_NOT_FOUND", domain="nijigan", metadata={"log": "/tmp/ä.log"})
RETRY = RetryInfo(retry_delay=Duration(seconds=2, nanos=500_000_000))


@pytest.mark.parametrize(
    ("number", "text", "rich"),
    [
        ("8", "Full%3A 100 %25. Wait f%C3%BCr it.", details(Help(), RETRY, INFO)),
        ("8", "Full. Wait f%C3%BCr it.", details(RETRY, INFO).rstrip("=")),
        ("5", "%", details(OTHER)),
        ("5", "%zz%e", details(OTHER)),
        ("3", "text", details(ErrorInfo(reason="OTHER", domain="example.org"))),
        ("3", "text", "!!!"),
        ("3", "text", base64.b64encode(b"\x1a\xff").decode()),
        *((str(number), "text", "") for number in range(1, 18)),
        ("0", "", ""),
        ("", "", ""),
        ("x", "", ""),
    ],
)
def test_calls_end_as_for_the_python_client(ask_unity, number, text, rich):
    headers = {":status": "200", "grpc-status": number, "grpc-message": text}
    headers["grpc-status-details-bin"] = rich
    expected = error_from_headers(headers)
    answer = json.loads(ask_unity("status", [json.dumps(list(headers.items()))])[0])
    if expected is None:
        assert answer is None
        return
    names = {"StylizerError": "StylizerException"}
    name = type(expected).__name__
    assert answer["error"] == names.get(name, name.replace("Error", "Exception"))
    assert answer["reason"] == expected.reason
    assert answer["code"].lower() == expected.code.name.lower().replace("_", "")
    assert answer["fact"].lower().replace("_", "") == expected.message.lower().replace("_", "")
    assert answer["remedy"] == expected.remedy.replace("plugin", "client")
    assert (answer["metadata"], answer["retry_seconds"]) == (
        expected.metadata,
        expected.retry_seconds,
    )
    assert answer["request"] == expected.metadata.get("request", "")


def test_all_that_is_public_has_its_words(compile_cs, tmp_path):
    compile_cs(tmp_path / "client.dll", "-target:library", f"-doc:{tmp_path / 'client.xml'}")
    assert "M:Nijigan.StylizerClient.StylizeAsync" in (tmp_path / "client.xml").read_text()


def test_the_example_of_the_documentation_compiles(compile_cs, tmp_path):
    text = (PACKAGE / "Documentation~/client.md").read_text(encoding="utf-8")
    examples = re.findall(r"```csharp\n(.*?)```", text, re.DOTALL)
    assert examples
    for i, example in enumerate(examples):
        source = tmp_path / f"example{i}.cs"
        source.write_text(example, encoding="utf-8")
        compile_cs(tmp_path / f"example{i}.dll", "-target:library", source)
