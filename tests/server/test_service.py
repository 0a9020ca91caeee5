"""The sidecar's service, as a stock gRPC client sees it."""

import gc
import io
import re
import socket
import weakref
from contextlib import ExitStack
from itertools import pairwise
from threading import Event
from time import monotonic, sleep

import grpc
import numpy as np
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from PIL import Image

from nijigan.core.errors import EngineError
from nijigan.core.images import MAX_PIXELS, Picture, resize
from nijigan.export.styles import StyleLibrary
from nijigan.server.sidecar import Options
from nijigan.server.stylizer import Settings, Stylizer
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan.v1 import stylizer_pb2 as pb

SECONDS = 10  # far more than anything waited for here takes


def settings(**changes):
    content = {
        "style": "toy",
        "width_px": 36,
        "height_px": 48,
        "format": pb.PICTURE_FORMAT_RGBA8,
        **changes,
    }
    return pb.StylizeRequest(settings=pb.StylizeSettings(**content))


def chunk(size):
    return pb.StylizeRequest(chunk=bytes(size))


def test_server_info_tells_the_limits(client):
    info = client.ask("GetServerInfo", pb.GetServerInfoRequest())
    assert (info.api_level, list(info.engines)) == (1, ["onnxruntime"])
    assert set(info.features) == {
        *(
            "stylize",
            "preview",
            "load",
            "deep",
            "priority",
            "region",
            "origin",
            "frames",
            "exchange",
            "picture",
            "faces",
            "steady",
        ),
    }
    assert info.limits.max_pixels == MAX_PIXELS
    assert info.limits.max_chunk_bytes == 2 << 20
    assert (info.limits.max_concurrent, info.limits.max_queued) == (2, 8)


def test_styles_are_described(client, toy_style):
    (style,) = client.ask("ListStyles", pb.ListStylesRequest()).styles
    assert (style.name, style.title, style.license) == ("toy", "Toy", "Apache-2.0")
    assert style.strength_kind == pb.STRENGTH_KIND_BLEND
    assert [quality.radius_px for quality in style.qualities] == [5, 7, 9]
    assert [quality.quality for quality in style.qualities] == [
        pb.QUALITY_DRAFT,
        pb.QUALITY_NORMAL,
        pb.QUALITY_FINE,
    ]
    without = client.ask("GetStyle", pb.GetStyleRequest(name="toy"))
    assert (without.style, without.preview_png) == (style, b"")
    full = client.ask("GetStyle", pb.GetStyleRequest(name="toy", include_preview=True))
    assert full.preview_png == (toy_style / "preview.png").read_bytes()


def test_a_style_that_is_not_there(client):
    with pytest.raises(grpc.RpcError) as caught:
        client.ask("GetStyle", pb.GetStyleRequest(name="toi"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    info = client.error_info(caught.value)
    assert (info.reason, info.domain) == ("STYLE_NOT_FOUND", "nijigan")
    assert "Did you mean 'toy'?" in info.metadata["remedy"]
    assert info.metadata["remedy"] in caught.value.details()


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"strength": 0.25, "quality": pb.QUALITY_DRAFT},
        {"strength": 0.0},
        {"quality": pb.QUALITY_FINE, "scale_mode": pb.SCALE_MODE_NATIVE},
        {"short_side_px": 24},
    ],
)
def test_the_result_is_the_stylizer_s_and_alpha_is_carried(client, toy_style, pixels, asked):
    quality = {pb.QUALITY_DRAFT: "draft", pb.QUALITY_FINE: "fine"}.get(asked.get("quality"))
    scale = asked.get("short_side_px") or ("native" if "scale_mode" in asked else "auto")
    expected = Stylizer(StyleLibrary([toy_style])).stylize(
        Picture(pixels[..., :3], pixels[..., 3]),
        Settings("toy", asked.get("strength", 1.0), quality or "normal", scale),
    )
    responses, result = client.stylize(pixels, **asked)
    np.testing.assert_array_equal(result, np.dstack([expected.rgb, expected.alpha]))
    done = responses[-1].done
    assert (done.width_px, done.height_px, done.format) == (36, 48, pb.PICTURE_FORMAT_RGBA8)


def test_formats_are_the_same_picture(client, pixels):
    _, rgba = client.stylize(pixels)
    _, bgra = client.stylize(pixels[..., [2, 1, 0, 3]], format=pb.PICTURE_FORMAT_BGRA8)
    _, rgb = client.stylize(pixels[..., :3])
    np.testing.assert_array_equal(bgra[..., [2, 1, 0, 3]], rgba)
    np.testing.assert_array_equal(rgb, rgba[..., :3])


def test_another_format_back(client, pixels):
    _, rgba = client.stylize(pixels)
    opaque = pixels[..., :3]
    sent = client.requests(opaque, result_format=pb.PICTURE_FORMAT_BGRA8)
    data = b"".join(response.chunk for response in client.start(sent))
    result = np.frombuffer(data, np.uint8).reshape(48, 36, 4)
    np.testing.assert_array_equal(result[..., [2, 1, 0]], rgba[..., :3])
    assert (result[..., 3] == 255).all()


def test_an_encoded_picture_comes_back_as_png(client, pixels):
    _, expected = client.stylize(pixels)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    sent = [
        settings(format=pb.PICTURE_FORMAT_ENCODED, width_px=0, height_px=0),
        pb.StylizeRequest(chunk=file.getvalue()),
    ]
    responses = list(client.start(sent))
    result = Image.open(io.BytesIO(b"".join(response.chunk for response in responses)))
    assert (result.format, result.mode) == ("PNG", "RGBA")
    np.testing.assert_array_equal(np.asarray(result), expected)
    assert (responses[-1].done.width_px, responses[-1].done.height_px) == (36, 48)


def test_a_picture_of_16_mib_passes_with_stock_limits(client):
    pixels = np.random.default_rng(2).integers(0, 256, (2048, 2048, 4), np.uint8)
    native = {"scale_mode": pb.SCALE_MODE_NATIVE, "strength": 0.0, "quality": pb.QUALITY_DRAFT}
    responses, result = client.stylize(pixels, chunk_bytes=2 << 20, **native)
    np.testing.assert_array_equal(result, pixels)
    assert max(len(response.chunk) for response in responses) == 2 << 20


def test_a_picture_in_one_message_is_drawn_as_one_in_chunks(client, pixels):
    sent, *_ = client.requests(pixels, preview_short_side_px=16, strength=0.5)
    whole = pb.StylizePictureRequest(settings=sent.settings, picture=pixels.tobytes())
    answers = client.stub.StylizePicture(whole, timeout=SECONDS, metadata=client.metadata)
    expected, _ = client.stylize(pixels, preview_short_side_px=16, strength=0.5)
    for answer, response in zip(answers, expected, strict=True):
        part = response.WhichOneof("part")
        assert answer.WhichOneof("part") == part
        if part != "done":  # which has times
            assert getattr(answer, part) == getattr(response, part)


@pytest.mark.parametrize(
    ("changes", "size", "code", "reason"),
    [
        ({"exchange_file": "x"}, 1, "INVALID_ARGUMENT", "INVALID_REQUEST"),
        ({}, 1, "INVALID_ARGUMENT", "INVALID_IMAGE"),
        ({"strength": 2.0}, (4 << 20) - 100, "INVALID_ARGUMENT", "INVALID_STRENGTH"),
        ({}, 4 << 20, "RESOURCE_EXHAUSTED", None),  # gRPC's own limit
    ],
)
def test_a_wrong_picture_in_one_message_is_refused(client, changes, size, code, reason):
    sent = pb.StylizePictureRequest(settings=settings(**changes).settings, picture=bytes(size))
    with pytest.raises(grpc.RpcError) as caught:
        list(client.stub.StylizePicture(sent, timeout=SECONDS, metadata=client.metadata))
    assert caught.value.code().name == code
    assert reason is None or client.error_info(caught.value).reason == reason


def test_progress_never_falls_and_done_is_last(client, pixels):
    responses, _ = client.stylize(pixels)
    kinds = [response.WhichOneof("part") for response in responses]
    fractions = [r.progress.fraction for r in responses if r.WhichOneof("part") == "progress"]
    assert kinds == ["progress"] * len(fractions) + ["chunk", "done"]
    assert fractions[-1] == 1.0
    assert all(a <= b for a, b in pairwise(fractions))


@pytest.mark.parametrize(
    ("sent", "code", "reason", "text"),
    [
        ([], "INVALID_ARGUMENT", "INVALID_REQUEST", "first message"),
        ([chunk(4)], "INVALID_ARGUMENT", "INVALID_REQUEST", "first message"),
        ([settings(), settings()], "INVALID_ARGUMENT", "INVALID_REQUEST", "no chunk"),
        ([settings(), pb.StylizeRequest()], "INVALID_ARGUMENT", "INVALID_REQUEST", "no chunk"),
        ([settings(), chunk(0)], "INVALID_ARGUMENT", "INVALID_REQUEST", "chunk is empty"),
        ([settings(), chunk((2 << 20) + 1)], "INVALID_ARGUMENT", "INVALID_REQUEST", "2097153"),
        ([settings(quality=9)], "INVALID_ARGUMENT", "INVALID_REQUEST", "quality is number 9"),
        ([settings(scale_mode=9)], "INVALID_ARGUMENT", "INVALID_REQUEST", "scale is number 9"),
        ([settings(format=9)], "INVALID_ARGUMENT", "INVALID_REQUEST", "format is number 9"),
        ([settings(format=0)], "INVALID_ARGUMENT", "INVALID_REQUEST", "format is number 0"),
        ([settings(result_format=9)], "INVALID_ARGUMENT", "INVALID_REQUEST", "number 9"),
        ([settings(style="")], "NOT_FOUND", "STYLE_NOT_FOUND", "''"),
        ([settings(style="../toy")], "NOT_FOUND", "STYLE_NOT_FOUND", "../toy"),
        ([settings(strength=1.5)], "INVALID_ARGUMENT", "INVALID_STRENGTH", "1.5"),
        ([settings(strength=float("nan"))], "INVALID_ARGUMENT", "INVALID_STRENGTH", "nan"),
        ([settings(short_side_px=0)], "INVALID_ARGUMENT", "INVALID_ARGUMENT", "0"),
        ([settings(width_px=15)], "INVALID_ARGUMENT", "INVALID_IMAGE", "15x48"),
        ([settings(width_px=2**32 - 1)], "INVALID_ARGUMENT", "IMAGE_TOO_LARGE", "4294967295x48"),
        ([settings(), chunk(36 * 48 * 4 - 1)], "INVALID_ARGUMENT", "INVALID_IMAGE", "6911 bytes"),
        ([settings(), chunk(36 * 48 * 4 + 1)], "INVALID_ARGUMENT", "INVALID_IMAGE", "6912 bytes"),
        ([settings(format=4), chunk(9)], "INVALID_ARGUMENT", "INVALID_IMAGE", "picture"),
        ([settings(format=4)], "INVALID_ARGUMENT", "INVALID_IMAGE", "0 bytes"),
    ],
)
def test_a_wrong_request_is_refused_and_the_next_one_works(
    client, pixels, sent, code, reason, text
):
    assert client.refusal(sent)[:2] == (code, reason)
    assert text in client.refusal(sent)[2]
    _, result = client.stylize(pixels, strength=0.0)
    np.testing.assert_array_equal(result, pixels)


def test_cancelling_stops_the_drawing(stock_client, pixels):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
        call = client.start(client.requests(pixels))
        assert fake.started.acquire(timeout=SECONDS)
        call.cancel()
        assert fake.cancelled.acquire(timeout=SECONDS)
        fake.release()
        client.stylize(pixels)


def test_a_deadline_stops_the_drawing(stock_client, pixels):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
        with pytest.raises(grpc.RpcError) as caught:
            list(client.start(client.requests(pixels), timeout=0.3))
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert fake.cancelled.acquire(timeout=SECONDS)


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_what_was_not_drawn_is_freed_without_a_search_for_cycles(stock_client, pixels, how):
    pictures = []

    class Noting(FakeStylizer):
        def stylize(self, picture, *more):
            pictures.append(weakref.ref(picture))
            if how == "failed":
                raise EngineError("It broke.")
            return super().stylize(picture, *more)

    fake = Noting(held=True)
    gc.disable()
    try:
        with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
            call = client.start(client.requests(pixels))
            if how == "cancelled":
                assert fake.started.acquire(timeout=SECONDS)
                call.cancel()
            with pytest.raises(grpc.RpcError):
                list(call)
            (picture,) = pictures
            end = monotonic() + SECONDS
            while picture() is not None and monotonic() < end:
                sleep(0.01)
            assert picture() is None
    finally:
        gc.enable()


def test_a_full_sidecar_says_when_to_come_back(stock_client, pixels):
    fake = FakeStylizer(held=True)
    options = Options(concurrent=1, queued=0)
    with (
        running_sidecar(stylizer=fake, options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        first = client.start(client.requests(pixels))
        assert fake.started.acquire(timeout=SECONDS)
        with pytest.raises(grpc.RpcError) as caught:
            list(client.start(client.requests(pixels)))
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert client.error_info(caught.value).reason == "SERVER_BUSY"
        (packed,) = (
            detail
            for detail in rpc_status.from_call(caught.value).details
            if detail.Is(RetryInfo.DESCRIPTOR)
        )
        assert RetryInfo.FromString(packed.value).retry_delay.seconds == 1
        client.ask("GetServerInfo", pb.GetServerInfoRequest())  # short calls go on
        fake.release()
        assert list(first)[-1].WhichOneof("part") == "done"
        client.stylize(pixels)


def test_a_client_that_goes_silent_gives_its_place_back(stock_client, pixels):
    options = Options(concurrent=1, queued=0, idle_seconds=0.2)
    tested = Event()

    def settings_and_silence():
        yield settings()
        tested.wait()

    with (
        running_sidecar(stylizer=FakeStylizer(), options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        with pytest.raises(grpc.RpcError) as caught:
            list(client.start(settings_and_silence()))
        assert caught.value.code() is grpc.StatusCode.CANCELLED
        wait_until(lambda: sidecar.calls.idle_seconds() > 0)
        client.stylize(pixels)
        tested.set()
        log = (sidecar.home / "logs/sidecar.log").read_text()
        assert "CUT_OFF: the client took more than 0.2 s" in log


def test_a_client_that_trickles_gives_its_place_back(stock_client, pixels):
    options = Options(concurrent=1, queued=0, upload_seconds=0.3)
    ended = Event()

    def one_byte_at_a_time():
        yield settings()
        while not ended.wait(0.01):
            yield chunk(1)

    with (
        running_sidecar(stylizer=FakeStylizer(), options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        with pytest.raises(grpc.RpcError) as caught:
            list(client.start(one_byte_at_a_time()))
        ended.set()
        assert caught.value.code() is grpc.StatusCode.CANCELLED
        wait_until(lambda: sidecar.calls.idle_seconds() > 0)
        client.stylize(pixels)


def test_the_time_for_the_upload_is_not_for_the_drawing(stock_client, pixels):
    fake = FakeStylizer(held=True)
    options = Options(upload_seconds=0.2)
    with (
        running_sidecar(stylizer=fake, options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        call = client.start(client.requests(pixels))
        assert fake.started.acquire(timeout=SECONDS)
        assert not fake.cancelled.acquire(timeout=0.3)
        fake.release()
        assert list(call)[-1].WhichOneof("part") == "done"


def wait_until(condition):
    end = monotonic() + SECONDS
    while not condition():
        assert monotonic() < end


def test_a_bug_is_internal_and_logged_and_the_sidecar_lives_on(stock_client, pixels):
    fake = FakeStylizer(error=ZeroDivisionError("secret of the inside"))
    with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
        with pytest.raises(grpc.RpcError) as caught:
            client.stylize(pixels)
        assert caught.value.code() is grpc.StatusCode.INTERNAL
        info = client.error_info(caught.value)
        log = (sidecar.home / "logs/sidecar.log").read_text()
        assert info.reason == "INTERNAL"
        assert info.metadata["log"] == str(sidecar.home / "logs/sidecar.log")
        assert info.metadata["log"] in caught.value.details()
        assert "secret" not in caught.value.details()
        assert "ZeroDivisionError: secret of the inside" in log
        client.ask("GetServerInfo", pb.GetServerInfoRequest())


def test_an_error_of_the_engine_has_its_reason(stock_client, pixels):
    fake = FakeStylizer(error=EngineError("The engine ran out of memory.", "Use tiles."))
    with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
        assert client.refusal(client.requests(pixels)) == (
            "INTERNAL",
            "ENGINE_FAILED",
            "The engine ran out of memory. Use tiles.",
        )


def test_the_log_has_a_line_for_each_call_and_no_token(stock_client, toy_style, pixels):
    with running_sidecar([toy_style]) as sidecar, stock_client(sidecar) as client:
        client.stylize(pixels)
        client.refusal([settings(style="toi\nfaked line")])
        log = (sidecar.home / "logs/sidecar.log").read_text()
        started, ready, drawn, refused = log.splitlines()
        assert sidecar.address in started
        assert "style toy 1.0.0 is ready" in ready
        assert re.search(r"INFO 1 Stylize 'toy' 36x48 normal \d+ ms ok$", drawn)
        assert re.search(
            r"INFO 2 Stylize 'toi\\nfaked line' 36x48 normal \d+ ms STYLE_NOT_FOUND$", refused
        )
        assert sidecar.token not in log
        assert sidecar.token not in repr(sidecar)


def test_a_name_without_end_reaches_neither_the_client_nor_the_log(stock_client, toy_style, pixels):
    with running_sidecar([toy_style]) as sidecar, stock_client(sidecar) as client:
        for name in ("x" * 100_000, "線" * 100_000):
            code, reason, text = client.refusal([settings(style=name)])
            assert (code, reason) == ("NOT_FOUND", "STYLE_NOT_FOUND")
            assert text.endswith("`nijigan styles list` shows all.")
        client.stylize(pixels)
        lines = (sidecar.home / "logs/sidecar.log").read_text().splitlines()
        assert len(lines) == 5
        assert max(map(len, lines)) < 200


def test_health_of_the_sidecar_and_of_each_style(client):
    health = health_pb2_grpc.HealthStub(client.channel)

    def status(name):
        request = health_pb2.HealthCheckRequest(service=name)
        return health.Check(request, timeout=SECONDS, metadata=client.metadata).status

    for name in ("", "nijigan.v1.StylizerService", "nijigan.v1.styles.toy"):
        assert status(name) == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(grpc.RpcError) as caught:
        status("nijigan.v1.styles.toi")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_the_end_is_told_to_who_watches(stock_client):
    options = Options(drain_seconds=0.2)
    with ExitStack() as sidecar:
        running = sidecar.enter_context(running_sidecar(stylizer=FakeStylizer(), options=options))
        with stock_client(running) as client:
            watch = health_pb2_grpc.HealthStub(client.channel).Watch(
                health_pb2.HealthCheckRequest(), timeout=SECONDS, metadata=client.metadata
            )
            assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
            sidecar.close()
            assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING


def test_reflection_lists_the_services(client):
    reflection = reflection_pb2_grpc.ServerReflectionStub(client.channel)
    ask = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    (answer,) = reflection.ServerReflectionInfo(ask, timeout=SECONDS, metadata=client.metadata)
    assert "nijigan.v1.StylizerService" in {
        service.name for service in answer.list_services_response.service
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_http_1_is_cut_off(sidecar, client, host):
    """What a browser could send: no page can drive the sidecar, by DNS rebinding neither."""
    request = f"POST /nijigan.v1.StylizerService/GetServerInfo HTTP/1.1\r\nHost: {host}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", sidecar.port), SECONDS) as browser:
        browser.sendall(request.encode())
        answer = b"".join(iter(lambda: browser.recv(4096), b""))
    assert b"HTTP/1" not in answer
    client.ask("GetServerInfo", pb.GetServerInfoRequest())


def test_a_preview_comes_before_the_result(stock_client):
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    fake = FakeStylizer()
    with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
        responses, drawn = client.stylize(pixels, preview_short_side_px=16)
    parts = [response.WhichOneof("part") for response in responses]
    assert parts.count("preview") == 1
    assert parts.index("preview") < parts.index("chunk")
    preview = responses[parts.index("preview")].preview
    assert (preview.width_px, preview.height_px) == (21, 16)
    small = resize(pixels, 21, 16)
    assert preview.rgb == np.invert(small).tobytes()
    assert np.array_equal(drawn, np.invert(pixels))
    assert [(each.quality, each.scale) for each in fake.settings] == [
        ("draft", "native"),
        ("normal", "auto"),
    ]


def test_cancel_stops_a_preview(stock_client):
    fake = FakeStylizer(held=True)
    pixels = np.zeros((48, 64, 3), np.uint8)
    with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
        call = client.start(client.requests(pixels, preview_short_side_px=16))
        assert fake.started.acquire(timeout=SECONDS)
        call.cancel()
        assert fake.cancelled.acquire(timeout=SECONDS)
    assert len(fake.settings) == 1  # the picture itself was never begun


@pytest.mark.parametrize("side", [15, 513])
def test_a_preview_of_a_size_that_none_has(client, side):
    code, _, text = client.refusal([settings(preview_short_side_px=side), chunk(36 * 48 * 4)])
    assert code == "INVALID_ARGUMENT"
    assert str(side) in text


def test_styles_are_loaded_and_unloaded(client):
    client.ask("UnloadStyle", pb.UnloadStyleRequest(name="toy"))
    for quality in (pb.QUALITY_UNSPECIFIED, pb.QUALITY_NORMAL, pb.QUALITY_FINE):
        loaded = client.ask("LoadStyle", pb.LoadStyleRequest(name="toy", quality=quality))
        assert loaded.load_us > 0
    assert client.ask("UnloadStyle", pb.UnloadStyleRequest(name="toy")).unloaded == 2
    assert client.ask("UnloadStyle", pb.UnloadStyleRequest(name="toy")).unloaded == 0


@pytest.mark.parametrize(
    ("method", "request_class"),
    [("LoadStyle", pb.LoadStyleRequest), ("UnloadStyle", pb.UnloadStyleRequest)],
)
def test_a_style_that_is_not_there_is_neither_loaded_nor_unloaded(client, method, request_class):
    with pytest.raises(grpc.RpcError) as caught:
        client.ask(method, request_class(name="tyo"))
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND
