"""The port for web pages, as HTTP sees it; tests/hosts/test_chromium.py has a browser."""

import base64
import http.client
import json
import socket
import struct
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from threading import Timer
from time import monotonic, sleep
from urllib.request import urlopen

import numpy as np
import pytest
from google.protobuf.json_format import MessageToJson, Parse
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from nijigan.core.errors import MissingExtraError, SidecarError, UsageError
from nijigan.server import sidecar as sidecar_module
from nijigan.server import upload
from nijigan.server.service import MAX_HEADER_BYTES
from nijigan.server.sidecar import Options
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan.server.web.origins import own_hosts, parse_origin
from nijigan.v1 import stylizer_pb2 as pb

SECONDS = 10  # far more than anything waited for here takes
ORIGIN = "https://studio.example"
WEB = Options(web_port=0, web_origins=[ORIGIN])
SERVICE = "/nijigan.v1.StylizerService"
STREAM_JSON = "application/connect+json"


class Page:
    """What a page can do: one request after the other, with headers of its own."""

    def __init__(self, sidecar, **headers):
        self.port = int(sidecar.web_address.rpartition(":")[2])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        self.headers = {
            "host": f"127.0.0.1:{self.port}",
            "authorization": f"Bearer {sidecar.token}",
            "content-type": "application/json",
            "origin": ORIGIN,
            **headers,
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, name, body, method="POST", **headers):
        """Return the answer, unread. A header that is None is not sent."""
        given = {**self.headers, **{key.replace("_", "-"): headers[key] for key in headers}}
        given = {key: value for key, value in given.items() if value is not None}
        self.connection.request(method, f"{SERVICE}/{name}", body, given)
        return self.connection.getresponse()

    def ask(self, name, message=None, **headers):
        """Return the status, the headers and the JSON of a method without a stream."""
        answer = self.send(name, json.dumps(message or {}), **headers)
        content = answer.read()
        return answer.status, answer.headers, json.loads(content) if content else None

    def start(self, pixels, picture=None, **settings):
        """Begin to have a picture drawn; return the answer, unread."""
        headers = settings.pop("headers", {})
        data = pixels.tobytes() if picture is None else picture
        message = {
            "settings": {
                "style": "toy",
                "widthPx": pixels.shape[1],
                "heightPx": pixels.shape[0],
                "format": "PICTURE_FORMAT_RGBA8",
                **settings,
            },
            "picture": base64.b64encode(data).decode(),
        }
        return self.send(
            "StylizePicture",
            envelope(json.dumps(message).encode()),
            content_type=STREAM_JSON,
            **headers,
        )

    def draw(self, pixels, **settings):
        """Return the parts that came, and the error, if one ended them."""
        *parts, (flags, end) = unpacked(self.start(pixels, **settings).read())
        assert flags == 2
        return [json.loads(part) for _, part in parts], json.loads(end).get("error")


def envelope(message):
    return struct.pack(">BI", 0, len(message)) + message


def unpacked(data):
    """The messages of a stream: flags and content."""
    while data:
        flags, size = struct.unpack_from(">BI", data)
        yield flags, data[5 : 5 + size]
        data = data[5 + size :]


def result_of(parts):
    return b"".join(base64.b64decode(part["chunk"]) for part in parts if "chunk" in part)


def reason(error):
    """The code and the reason of an error, which are told in JSON as they are packed."""
    (detail,) = [each for each in error["details"] if each["type"] == "google.rpc.ErrorInfo"]
    info = ErrorInfo.FromString(base64.b64decode(detail["value"] + "=="))
    assert detail["debug"] == {
        "reason": info.reason,
        "domain": info.domain,
        "metadata": dict(info.metadata),
    }
    return error["code"], info.reason


def wait_until(condition):
    end = monotonic() + SECONDS
    while not condition():
        assert monotonic() < end
        sleep(0.01)


@pytest.fixture(scope="module")
def sidecar(toy_style):
    with running_sidecar([toy_style], options=WEB) as running:
        yield running


@pytest.fixture
def page(sidecar):
    with Page(sidecar) as opened:
        yield opened


@contextmanager
def held_sidecar(**options):
    """A sidecar whose drawings wait, and its stylizer."""
    fake = FakeStylizer(held=True)
    with running_sidecar(
        stylizer=fake, options=Options(web_port=0, web_origins=[ORIGIN], **options)
    ) as running:
        yield running, fake


@pytest.mark.parametrize("binary", [False, True], ids=["json", "proto"])
@pytest.mark.parametrize(
    ("method", "request_class", "asked", "told"),
    [
        ("GetServerInfo", pb.GetServerInfoRequest, {}, lambda answer: "picture" in answer.features),
        ("ListStyles", pb.ListStylesRequest, {}, lambda answer: answer.styles[0].name == "toy"),
        (
            "GetStyle",
            pb.GetStyleRequest,
            {"name": "toy", "include_preview": True},
            lambda answer: answer.preview_png.startswith(b"\x89PNG"),
        ),
        ("LoadStyle", pb.LoadStyleRequest, {"name": "toy"}, lambda answer: True),
        ("UnloadStyle", pb.UnloadStyleRequest, {"name": "toy"}, lambda answer: True),
    ],
)
def test_methods_answer_as_the_native_ones(
    page, client, method, request_class, asked, told, binary
):
    native = client.ask(method, request_class(**asked))
    sent = request_class(**asked)
    body = sent.SerializeToString() if binary else MessageToJson(sent)
    kind = "application/proto" if binary else "application/json"
    answer = page.send(method, body, content_type=kind)
    data = answer.read()
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    got = type(native).FromString(data) if binary else Parse(data, type(native)())
    assert told(got)
    if "Load" not in method and "Unload" not in method:
        assert got == native


def test_a_picture_is_drawn_as_by_the_native_port(page, client, pixels):
    _, expected = client.stylize(pixels, strength=0.5)
    parts, error = page.draw(pixels, strength=0.5, previewShortSidePx=16)
    assert error is None
    kinds = [kind for part in parts for kind in part]
    assert kinds == sorted(kinds, key=["preview", "progress", "chunk", "done"].index)
    assert {"preview", "progress", "chunk", "done"} == set(kinds)
    np.testing.assert_array_equal(
        np.frombuffer(result_of(parts), np.uint8).reshape(pixels.shape), expected
    )
    done = parts[-1]["done"]
    assert (done["widthPx"], done["heightPx"]) == (pixels.shape[1], pixels.shape[0])


def test_grpc_web(page, client, pixels):
    _, expected = client.stylize(pixels)
    settings = pb.StylizeSettings(style="toy", width_px=36, height_px=48, format=1)
    sent = pb.StylizePictureRequest(settings=settings, picture=pixels.tobytes())
    kind = "application/grpc-web+proto"
    for wanted, code, error in (("toy", "0", ""), ("tyo", "5", "STYLE_NOT_FOUND")):
        sent.settings.style = wanted
        answer = page.send("StylizePicture", envelope(sent.SerializeToString()), content_type=kind)
        *parts, (flags, end) = unpacked(answer.read())
        trailers = dict(line.split(": ", 1) for line in end.decode().split("\r\n") if line)
        assert (flags, trailers["grpc-status"]) == (0x80, code)
        if error:
            packed = base64.b64decode(trailers["grpc-status-details-bin"] + "==")
            info = ErrorInfo.FromString(Status.FromString(packed).details[0].value)
            assert info.reason == error
        else:
            chunks = [pb.StylizePictureResponse.FromString(part).chunk for _, part in parts]
            assert b"".join(chunks) == expected.tobytes()


def test_errors_have_their_reason_and_remedy(page, pixels):
    status, _, error = page.ask("GetStyle", {"name": "toi"})
    assert (status, *reason(error)) == (404, "not_found", "STYLE_NOT_FOUND")
    assert "Did you mean 'toy'?" in error["details"][0]["debug"]["metadata"]["remedy"]
    parts, error = page.draw(pixels, strength=1.5)
    assert parts == []
    assert reason(error) == ("invalid_argument", "INVALID_STRENGTH")


@pytest.mark.parametrize("body", ['{"nmae": "toy"}', '{"name": 1}', "{", '"', b"\xff"])
def test_what_is_no_message_is_refused_with_a_reason(page, body):
    answer = page.send("GetStyle", body)
    assert answer.status == 400
    assert reason(json.loads(answer.read())) == ("invalid_argument", "INVALID_REQUEST")


@pytest.mark.parametrize("kind", ["application/grpc", "application/grpc+proto"])
def test_native_grpc_is_sent_to_its_own_port(page, kind):
    answer = page.send("GetServerInfo", envelope(b""), content_type=kind)
    assert (answer.status, b"other port" in answer.read()) == (415, True)


@pytest.mark.parametrize("name", ["origin", "host", "authorization", "x-other"])
def test_a_header_that_is_not_ascii(page, name):
    answer = page.send("GetServerInfo", "{}", **{name: b"\xff"})
    assert answer.status == 400
    assert page.ask("GetServerInfo")[0] == 200


def test_streams_of_clients_and_other_paths_are_not_there(page):
    for name in ("Stylize", "Nothing", ""):
        assert page.ask(name)[0] == 404


@pytest.mark.parametrize("header", [None, "", "Bearer ", "Bearer wrong", "bearer {}", "{}", "{}x"])
def test_a_call_without_the_token_is_refused(sidecar, page, pixels, header):
    given = None if header is None else header.format(sidecar.token)
    status, _, error = page.ask("GetServerInfo", authorization=given)
    assert (status, *reason(error)) == (401, "unauthenticated", "UNAUTHENTICATED")
    parts, error = page.draw(pixels, headers={"authorization": given})
    assert (parts, *reason(error)) == ([], "unauthenticated", "UNAUTHENTICATED")
    assert sidecar.token not in json.dumps(error)


def test_a_refusal_reaches_a_client_that_is_still_sending(page):
    pixels = np.zeros((2048, 2048, 4), np.uint8)
    parts, error = page.draw(pixels, headers={"authorization": "Bearer wrong"})
    assert (parts, *reason(error)) == ([], "unauthenticated", "UNAUTHENTICATED")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_names_of_this_machine(page, name):
    assert page.ask("GetServerInfo", host=f"{name}:{page.port}")[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example:{}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{}", "{}", ""]
)
def test_another_host_is_refused(page, host):
    """The name of a page whose DNS entry was changed to this machine's address."""
    answer = page.send("GetServerInfo", "{}", host=host.format(page.port), origin=None)
    assert (answer.status, b"is not this machine" in answer.read()) == (403, True)


def test_the_usual_port_is_not_written(page):
    assert own_hosts(80) >= {"localhost", "localhost:80"}
    assert "localhost" not in own_hosts(8080)


@pytest.mark.parametrize("own", ["127.0.0.1", "localhost", "[::1]", None])
def test_allowed_origins_may_read_the_answer(page, own):
    origin = ORIGIN if own is None else f"http://{own}:{page.port}"
    for asked in ({"name": "toy"}, {"name": "toi"}):
        _, headers, _ = page.ask("GetStyle", asked, origin=origin)
        assert headers["access-control-allow-origin"] == origin
        assert "origin" in headers.get_all("vary")


def test_what_is_no_page_sends_no_origin(page):
    status, headers, _ = page.ask("GetServerInfo", origin=None)
    assert (status, headers["access-control-allow-origin"]) == (200, None)


FORBIDDEN = [
    *("https://evil.example", "null", "https://studio.example.evil.example", ""),
    *("http://studio.example", "https://studio.example:444", "http://127.0.0.1:1", "*"),
]


@pytest.mark.parametrize("origin", FORBIDDEN)
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "GET"])
def test_another_origin_is_refused(page, origin, method):
    asked = {"access_control_request_method": "POST"} if method == "OPTIONS" else {}
    answer = page.send("GetServerInfo", "{}", method, origin=origin, **asked)
    assert answer.status == 403
    assert b"may not call" in answer.read()
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_no_origin_is_allowed_but_one_s_own_where_none_was_given():
    with (
        running_sidecar(stylizer=FakeStylizer(), options=Options(web_port=0)) as running,
        Page(running) as page,
    ):
        assert page.send("GetServerInfo", "{}").status == 403
    with running_sidecar(stylizer=FakeStylizer(), options=WEB) as running, Page(running) as page:
        assert page.send("GetServerInfo", "{}").status == 200


def test_browsers_ask_first_without_the_token(page):
    answer = page.send(
        "StylizePicture",
        None,
        "OPTIONS",
        authorization=None,
        access_control_request_method="POST",
        access_control_request_headers="authorization,content-type",
    )
    assert (answer.status, answer.read()) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "POST"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "connect-protocol-version"} <= set(allowed)
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://studio.example", "https://studio.example"),
        ("HTTPS://Studio.Example/", "https://studio.example"),
        ("https://studio.example:443", "https://studio.example"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:443", "http://localhost:443"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("tauri://localhost", "tauri://localhost"),
    ],
)
def test_origins_are_written_as_browsers_do(text, origin):
    assert parse_origin(text) == origin


@pytest.mark.parametrize(
    "text", ["*", "null", "", "studio.example", "https://*.example", "https://a/b", "https://a b"]
)
def test_what_is_no_origin(text):
    with pytest.raises(UsageError, match="is not the origin of a page"):
        parse_origin(text)
    options = Options(web_port=0, web_origins=[text])
    with pytest.raises(UsageError), running_sidecar(stylizer=FakeStylizer(), options=options):
        pass


def test_a_picture_of_32_mib_passes():
    """Its JSON is a third larger; both ways."""
    pixels = np.random.default_rng(2).integers(0, 256, (2048, 4096, 4), np.uint8)
    with (
        running_sidecar(stylizer=FakeStylizer(), options=WEB) as running,
        Page(running) as page,
    ):
        limits = page.ask("GetServerInfo")[2]["limits"]
        assert int(limits["maxPictureBytes"]) == pixels.nbytes
        parts, error = page.draw(pixels)
        assert error is None
        drawn = np.frombuffer(result_of(parts), np.uint8).reshape(pixels.shape)
        np.testing.assert_array_equal(drawn[..., :3], np.invert(pixels[..., :3]))
        _, error = page.draw(pixels, picture=pixels.tobytes() + b"x")
        assert reason(error) == ("invalid_argument", "IMAGE_TOO_LARGE")


def test_a_body_that_is_too_large_is_refused_before_it_comes(page):
    page.connection.putrequest("POST", f"{SERVICE}/GetStyle", skip_host=True)
    for name, value in {**page.headers, "content-length": str(1 << 40)}.items():
        page.connection.putheader(name, value)
    page.connection.endheaders()
    answer = page.connection.getresponse()
    assert answer.headers["connection"] == "close"
    error = json.loads(answer.read())
    assert reason(error) == ("invalid_argument", "INVALID_REQUEST")
    assert str(1 << 40) in error["message"]


def test_a_body_that_does_not_say_its_size_is_cut_at_the_limit(page):
    def endless():
        for _ in range(2 * upload.MAX_PICTURE_BYTES >> 20):
            yield b" " * (1 << 20)

    answer = page.send("GetStyle", endless())
    assert answer.status == 429
    assert json.loads(answer.read())["code"] == "resource_exhausted"


@pytest.mark.parametrize("whole", [True, False])
def test_headers_have_a_limit(page, whole):
    many = f"x-many: {'x' * MAX_HEADER_BYTES}\r\n"
    with socket.create_connection(("127.0.0.1", page.port), SECONDS) as client:
        client.sendall(f"POST / HTTP/1.1\r\nhost: localhost:{page.port}\r\n{many}".encode())
        if whole:
            client.sendall(b"\r\n")
        status = client.recv(4096).split()[1]
    assert status in {b"431", b"400"}
    assert page.ask("GetServerInfo")[0] == 200


def sent_slowly(running, first, then=b"", every=0.1):
    """Send a request in single bytes; return what came back until the connection was cut."""
    port = int(running.web_address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
        client.sendall(first.format(port=port, token=running.token).encode())
        client.settimeout(every)
        answer, end = b"", monotonic() + SECONDS
        while monotonic() < end:
            try:
                if not (got := client.recv(4096)):
                    return answer
                answer += got
            except TimeoutError:
                if then:
                    client.sendall(then)
            except OSError:
                return answer
    raise AssertionError("The connection was not cut.")


HEAD = (
    "POST /nijigan.v1.StylizerService/GetServerInfo HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
    "authorization: Bearer {token}\r\ncontent-type: application/json\r\n"
)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("", b""),
        ("", b"P"),
        (HEAD, b""),
        (HEAD, b"x"),
        (HEAD + "content-length: 1000\r\n\r\n", b""),
        (HEAD + "content-length: 2\r\n\r\n{{}}", b""),
        (HEAD + "content-length: 2\r\n\r\n{{}}", b"P"),
    ],
    ids=[
        "nothing",
        "first line",
        "half a head",
        "head",
        "no body",
        "no next request",
        "next request",
    ],
)
def test_a_client_that_dawdles_is_cut_off(first, then):
    options = Options(web_port=0, idle_seconds=0.5)
    with running_sidecar(stylizer=FakeStylizer(), options=options) as running:
        answer = sent_slowly(running, first, then)
        assert (b"200 OK" in answer) == ("{{}}" in first)
        wait_until(lambda: running.calls.idle_seconds() > 0)


def test_a_body_that_trickles_is_cut_off():
    options = Options(web_port=0, idle_seconds=5, upload_seconds=0.5)
    with running_sidecar(stylizer=FakeStylizer(), options=options) as running:
        sent_slowly(running, HEAD + "content-length: 1000\r\n\r\n", b" ")


def test_a_client_that_does_not_read_gives_its_place_back():
    pixels = np.zeros((2048, 2048, 4), np.uint8)
    options = Options(web_port=0, web_origins=[ORIGIN], idle_seconds=0.5, concurrent=1, queued=0)
    with (
        running_sidecar(stylizer=FakeStylizer(), options=options) as running,
        Page(running) as page,
        Page(running) as other,
    ):
        answer = page.start(pixels)
        wait_until(lambda: running.calls.idle_seconds() > 0)
        with pytest.raises((http.client.HTTPException, OSError)):
            answer.read()
        assert other.draw(pixels)[1] is None
        assert (
            "CUT_OFF: the client took more than 0.5 s"
            in (running.home / "logs/sidecar.log").read_text()
        )


def test_a_client_that_leaves_stops_the_drawing(pixels):
    with held_sidecar() as (running, fake), Page(running) as page:
        starting = page_that_only_sends(page, pixels)
        assert fake.started.acquire(timeout=SECONDS)
        starting.close()
        assert fake.cancelled.acquire(timeout=SECONDS)
        fake.release()
        assert page.draw(pixels)[1] is None
        log = running.home / "logs/sidecar.log"
        end = monotonic() + SECONDS
        # The drawing that was left may end after the one that came later.
        while "1 StylizePicture 'toy' 36x48 normal" not in log.read_text():
            assert monotonic() < end
            sleep(0.02)
        assert "CANCELLED" in log.read_text()


def page_that_only_sends(page, pixels):
    """Begin a drawing whose answer nobody waits for yet; return the connection."""
    with ExitStack() as restored:
        kept = page.connection
        restored.callback(setattr, page, "connection", kept)
        page.connection = fresh = http.client.HTTPConnection(kept.host, kept.port, timeout=SECONDS)
        fresh.getresponse = lambda: None
        page.start(pixels)
        return fresh


def test_a_deadline_stops_the_drawing(pixels):
    with held_sidecar() as (running, fake), Page(running) as page:
        parts, error = page.draw(pixels, headers={"connect_timeout_ms": "300"})
        assert error["code"] == "deadline_exceeded"
        assert [list(part) for part in parts] == [["progress"]]
        assert fake.cancelled.acquire(timeout=SECONDS)


def test_a_full_sidecar_says_when_to_come_back(pixels):
    with held_sidecar(concurrent=1, queued=0) as (running, fake), Page(running) as page:
        first = page_that_only_sends(page, pixels)
        assert fake.started.acquire(timeout=SECONDS)
        parts, error = page.draw(pixels)
        assert (parts, *reason(error)) == ([], "resource_exhausted", "SERVER_BUSY")
        (retry,) = [each for each in error["details"] if each["type"] == "google.rpc.RetryInfo"]
        assert retry["debug"] == {"retryDelay": "1s"}
        assert page.ask("GetServerInfo")[0] == 200  # short calls go on
        fake.release()
        first.close()


def test_the_pages_of_an_origin_are_one_client(pixels):
    """Browsers open several connections. One place is kept for others, as for native clients."""
    with (
        held_sidecar(concurrent=1, queued=4) as (running, fake),
        Page(running) as page,
        Page(running, origin=None) as other,
    ):
        connections = [page_that_only_sends(page, pixels) for _ in range(4)]
        wait_until(lambda: "SERVER_BUSY" in str(page.draw(pixels, style="probe")[1]))
        connections.append(page_that_only_sends(other, pixels))
        assert fake.started.acquire(timeout=SECONDS)
        fake.release()
        wait_until(lambda: len(fake.settings) == 5)
        for connection in connections:
            connection.close()


def test_calls_at_once_have_a_limit(pixels):
    """Those that are refused cost no thread and no memory for a picture."""
    with ExitStack() as stack:
        running, fake = stack.enter_context(held_sidecar(concurrent=1, queued=0))
        page = stack.enter_context(Page(running))
        body = HEAD + "content-length: 9\r\n\r\n"
        for _ in range(1 + 8):  # as many as threads
            client = stack.enter_context(socket.create_connection(("127.0.0.1", page.port)))
            client.sendall(body.format(port=page.port, token=running.token).encode())
        wait_until(lambda: page.ask("GetServerInfo")[0] == 429)
        assert reason(page.ask("GetServerInfo")[2]) == ("resource_exhausted", "SERVER_BUSY")
        fake.release()


def test_calls_are_counted(pixels):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    options = Options(web_port=0, web_origins=[ORIGIN], metrics_port=port)
    with running_sidecar(stylizer=FakeStylizer(), options=options) as running:
        with Page(running) as page:
            page.draw(pixels)
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            told = answer.read().decode()
    assert 'nijigan_calls_total{method="StylizePicture",result="ok"} 1.0' in told
    assert 'nijigan_pixels_total{quality="normal",style="toy"} 1728.0' in told


def test_at_the_end_calls_under_way_may_end(pixels):
    with ExitStack() as sidecar:
        running, fake = sidecar.enter_context(held_sidecar(drain_seconds=5))
        with Page(running) as page:
            answer = page.start(pixels)
            assert fake.started.acquire(timeout=SECONDS)
            Timer(0.3, fake.release).start()
            sidecar.close()
            assert b'"done"' in answer.read()


def test_at_the_end_calls_that_do_not_end_are_stopped(pixels):
    with ExitStack() as sidecar:
        running, fake = sidecar.enter_context(held_sidecar(drain_seconds=0.2))
        with Page(running) as page:
            page.start(pixels)
            assert fake.started.acquire(timeout=SECONDS)
            began = monotonic()
            sidecar.close()
            assert monotonic() - began < 5
            assert fake.cancelled.acquire(timeout=SECONDS)


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        start = running_sidecar(stylizer=FakeStylizer(), options=Options(web_port=port))
        with pytest.raises(SidecarError, match=rf"127\.0\.0\.1:{port} .*--web-port"), start:
            pass


def test_it_listens_on_this_machine_wherever_native_calls_are_taken(monkeypatch):
    monkeypatch.setattr(sidecar_module, "listening_host", lambda _host, _encrypted: "0.0.0.0")
    options = Options(host="0.0.0.0", web_port=0)
    with running_sidecar(stylizer=FakeStylizer(), options=options) as running:
        assert running.host == "0.0.0.0"
        port = int(running.web_address.removeprefix("http://127.0.0.1:"))
        elsewhere = socket.gethostbyname(socket.gethostname())
        for address in {"127.0.0.2", elsewhere} - {"127.0.0.1"}:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((address, port), SECONDS)


def test_without_the_option_nothing_listens_and_nothing_is_loaded(toy_style):
    with running_sidecar([toy_style]) as running:
        assert running.web_address is None
    code = "import sys, nijigan.server.main as m; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"uvicorn", "connectrpc", "protobuf"} & set(done.stdout.split())


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "nijigan.server.web.port", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with (
        pytest.raises(MissingExtraError, match=r"nijigan\[web\]"),
        running_sidecar(stylizer=FakeStylizer(), options=WEB),
    ):
        pass


def test_the_log_says_where_and_has_a_line_for_each_call(page, sidecar, pixels):
    page.draw(pixels)
    log = (sidecar.home / "logs/sidecar.log").read_text()
    assert sidecar.web_address in log.splitlines()[0]
    assert "StylizePicture 'toy' 36x48 normal" in log
    assert sidecar.token not in log
