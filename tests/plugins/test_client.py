"""The Python client against the real sidecar."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from threading import Event, Thread

import numpy as np
import pytest

from nijigan.client import connect
from nijigan.client._messages import StylizeRequest, StylizeResponse, StylizeSettings
from nijigan.client.errors import (
    BusyError,
    CancelledError,
    Code,
    DeadlineError,
    SidecarNotRunningError,
    StylizerError,
    TokenError,
)
from nijigan.core.images import Picture
from nijigan.export.styles import StyleLibrary
from nijigan.server import sidecar as sidecar_module
from nijigan.server.sidecar import Options
from nijigan.server.stylizer import Settings, Stylizer
from nijigan.server.testing import FakeStylizer, running_sidecar

SECONDS = 10
SMALL = bytes(range(256)) * 4  # 16x16 RGBA


@pytest.fixture(scope="module")
def client(toy_style):
    with running_sidecar([toy_style]), connect() as connected:
        yield connected


@pytest.fixture
def pixels():
    return np.random.default_rng(3).integers(0, 256, (40, 56, 4), np.uint8)


def test_what_the_sidecar_is(client):
    info = client.server_info()
    assert (info.api_level, info.engines) == (1, ("onnxruntime",))
    assert info.features == (
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
    )
    assert info.limits.max_preview_side_px == 512
    assert info.limits.max_chunk_bytes == 2 << 20


def test_styles(client, toy_style):
    (style,) = client.list_styles()
    assert (style.name, style.title, len(style.qualities)) == ("toy", "Toy", 3)
    assert client.get_style("toy") == style
    assert client.get_preview("toy") == (toy_style / "preview.png").read_bytes()


@pytest.mark.parametrize("quality", ["draft", "fine"])
@pytest.mark.parametrize("scale", ["auto", "native", 24])
def test_the_result_is_the_stylizer_s_and_alpha_is_carried(
    client, toy_style, pixels, quality, scale
):
    expected = Stylizer(StyleLibrary([toy_style])).stylize(
        Picture(pixels[..., :3], pixels[..., 3]), Settings("toy", 0.7, quality, scale)
    )
    steps = []
    result = client.stylize(
        pixels.tobytes(),
        56,
        40,
        style="toy",
        strength=0.7,
        quality=quality,
        scale=scale,
        on_progress=lambda fraction, stage: steps.append(fraction),
    )
    assert result[:3] == (56, 40, "RGBA8")
    assert result.pixels == np.dstack([expected.rgb, expected.alpha]).tobytes()
    assert steps[-1] == 1.0
    assert all(a <= b for a, b in pairwise(steps))


def test_formats(client, pixels):
    rgba = client.stylize(pixels.tobytes(), 56, 40, style="toy").pixels
    swapped = np.ascontiguousarray(pixels[..., [2, 1, 0, 3]])
    bgra = client.stylize(swapped, 56, 40, style="toy", format="BGRA8", result_format="RGBA8")
    assert bgra.pixels == rgba
    png = client.stylize(pixels.tobytes(), 56, 40, style="toy", result_format="ENCODED")
    assert png.pixels.startswith(b"\x89PNG")
    again = client.stylize(png.pixels, 0, 0, style="toy", strength=0, format="ENCODED")
    assert again[:4] == (56, 40, "ENCODED", png.pixels)
    assert int(again.request) > int(png.request) > 0
    assert again.timings.compute > 0
    assert again.timings.decode > 0


def test_a_picture_of_many_chunks(client):
    pixels = np.random.default_rng(4).integers(0, 256, (1024, 1024, 4), np.uint8)
    result = client.stylize(
        pixels, 1024, 1024, style="toy", strength=0.0, quality="draft", scale="native"
    )
    assert result.pixels == pixels.tobytes()


def test_more_than_the_windows_of_http2_hold_on_one_connection():
    size = 2048
    with running_sidecar(stylizer=FakeStylizer()), connect() as client:
        for _ in range(5):  # 16 MiB each; the windows hold 64
            result = client.stylize(bytes(4 * size * size), size, size, style="any", timeout=20)
            assert result.pixels[:8] == b"\xff\xff\xff\0" * 2


@pytest.mark.parametrize(
    ("changes", "code", "reason", "text"),
    [
        ({"style": "toi"}, Code.NOT_FOUND, "STYLE_NOT_FOUND", "Did you mean 'toy'?"),
        ({"strength": float("nan")}, Code.INVALID_ARGUMENT, "INVALID_STRENGTH", "nan"),
        ({"strength": 1e300}, Code.INVALID_ARGUMENT, "INVALID_STRENGTH", "inf"),
        ({"width": 17}, Code.INVALID_ARGUMENT, "INVALID_IMAGE", "1024 bytes"),
        ({"width": 15}, Code.INVALID_ARGUMENT, "INVALID_IMAGE", "15x16"),
        ({"width": 2**31}, Code.INVALID_ARGUMENT, "IMAGE_TOO_LARGE", "2147483648x16"),
    ],
)
def test_what_the_sidecar_refuses(client, changes, code, reason, text):
    asked = {"width": 16, "height": 16, "style": "toy", **changes}
    with pytest.raises(StylizerError, match=text) as caught:
        client.stylize(SMALL, **asked)
    assert (caught.value.code, caught.value.reason) == (code, reason)
    assert str(caught.value) == f"{caught.value.message} {caught.value.remedy}"
    assert caught.value.metadata["request"].isdigit()
    assert client.stylize(SMALL, 16, 16, style="toy", strength=0.0).pixels == SMALL


@pytest.mark.parametrize(
    "changes",
    [{"quality": "best"}, {"scale": "huge"}, {"format": "CMYK"}, {"width": -1}, {"scale": -5}],
)
def test_what_the_interface_does_not_have_is_refused_here(client, changes):
    with pytest.raises(ValueError, match=r"Known: |is not in 0"):
        client.stylize(SMALL, **{"width": 16, "height": 16, "style": "toy", **changes})


def test_an_error_in_on_progress_ends_the_call():
    fake = FakeStylizer(held=True)

    def stumble(fraction, stage):
        raise LookupError("in the host")

    with running_sidecar(stylizer=fake), connect() as client:
        with pytest.raises(LookupError):
            client.stylize(SMALL, 16, 16, style="any", on_progress=stumble)
        assert fake.cancelled.acquire(timeout=SECONDS)
        fake.release()
        assert client.stylize(SMALL, 16, 16, style="any").width == 16


def test_cancel_stops_the_drawing_and_the_connection_goes_on():
    fake = FakeStylizer(held=True)
    cancel = Event()
    with running_sidecar(stylizer=fake), connect() as client:
        with pytest.raises(CancelledError):
            client.stylize(
                SMALL, 16, 16, style="any", cancel=cancel, on_progress=lambda *_: cancel.set()
            )
        assert fake.cancelled.acquire(timeout=SECONDS)
        fake.release()
        assert client.stylize(SMALL, 16, 16, style="any").width == 16


def test_a_deadline():
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), connect() as client:
        with pytest.raises(DeadlineError):
            client.stylize(SMALL, 16, 16, style="any", timeout=0.2)
        assert fake.cancelled.acquire(timeout=SECONDS)


@pytest.fixture
def asks_often(monkeypatch):
    """A sidecar asks many times a second whether a client is there."""
    often = [
        (name, 200 if "keepalive" in name or "ping" in name else value)
        for name, value in sidecar_module._OPTIONS
    ]
    monkeypatch.setattr(sidecar_module, "_OPTIONS", often)


def test_a_sidecar_that_asks_whether_the_client_is_there_gets_an_answer(asks_often):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), connect() as client, ThreadPoolExecutor(1) as pool:
        drawing = pool.submit(client.stylize, SMALL, 16, 16, style="any")
        assert not fake.cancelled.acquire(timeout=1)
        fake.release()
        assert drawing.result(SECONDS).width == 16


def test_a_client_that_is_gone_without_a_word_leaves_its_place(asks_often, monkeypatch):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), connect() as client, ThreadPoolExecutor(1) as pool:
        drawing = pool.submit(client.stylize, SMALL, 16, 16, style="any")
        assert fake.started.acquire(timeout=SECONDS)
        monkeypatch.setattr(client._connection._http, "send", lambda _: b"")
        assert fake.cancelled.acquire(timeout=SECONDS)
        assert drawing.exception(SECONDS) is not None


def test_a_full_sidecar_and_other_calls_meanwhile():
    fake = FakeStylizer(held=True)
    results = []
    options = Options(concurrent=1, queued=0)
    with running_sidecar(stylizer=fake, options=options), connect() as client:
        first = Thread(target=lambda: results.append(client.stylize(SMALL, 16, 16, style="any")))
        first.start()
        assert fake.started.acquire(timeout=SECONDS)
        with pytest.raises(BusyError) as caught:
            client.stylize(SMALL, 16, 16, style="any")
        assert (caught.value.reason, caught.value.retry_seconds) == ("SERVER_BUSY", 1.0)
        assert client.server_info().limits.max_concurrent == 1  # on the same connection
        fake.release()
        first.join(SECONDS)
    assert [result.pixels[:4] for result in results] == [b"\xff\xfe\xfd\x03"]


def test_a_picture_is_finished_while_the_sidecar_ends(no_sidecar):
    fake = FakeStylizer(held=True)
    results = []
    sidecar = ExitStack()
    sidecar.enter_context(running_sidecar(stylizer=fake))
    with connect() as client:
        drawing = Thread(target=lambda: results.append(client.stylize(SMALL, 16, 16, style="any")))
        drawing.start()
        assert fake.started.acquire(timeout=SECONDS)
        ending = Thread(target=sidecar.close)
        ending.start()
        with pytest.raises(SidecarNotRunningError):
            call_until_it_fails(client)
        fake.release()
        drawing.join(SECONDS)
        ending.join(SECONDS)
    assert [result.width for result in results] == [16]


def call_until_it_fails(client):
    while True:
        client.server_info()


def test_a_sidecar_that_goes_away_and_comes_back(no_sidecar):
    fake = FakeStylizer(held=True)
    errors = []

    def draw():
        try:
            client.stylize(SMALL, 16, 16, style="any")
        except StylizerError as error:
            errors.append(error)

    sidecar = ExitStack()
    sidecar.enter_context(running_sidecar(stylizer=fake, options=Options(drain_seconds=0)))
    with connect() as client:
        drawing = Thread(target=draw)
        drawing.start()
        assert fake.started.acquire(timeout=SECONDS)
        sidecar.close()
        drawing.join(SECONDS)
        assert [type(error) for error in errors] == [SidecarNotRunningError]
        with pytest.raises(SidecarNotRunningError, match="Start it with: nijigan serve"):
            client.server_info()
        with running_sidecar(stylizer=FakeStylizer()):  # another port, another token
            assert client.stylize(SMALL, 16, 16, style="any").width == 16


@pytest.fixture
def no_sidecar(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path))


def test_no_sidecar(no_sidecar):
    with pytest.raises(SidecarNotRunningError, match="Start it with: nijigan serve"):
        connect()


def test_a_wrong_token_and_a_right_one(no_sidecar, monkeypatch):
    with running_sidecar(stylizer=FakeStylizer()) as sidecar:
        with connect(sidecar.address, token="wrong") as client, pytest.raises(TokenError):
            client.server_info()
        with connect(sidecar.address) as client:  # the one in sidecar.json
            client.server_info()
        monkeypatch.setenv("NIJIGAN_HOME", "nowhere")
        with connect(sidecar.address, token=sidecar.token) as client:
            client.server_info()
        with connect(sidecar.address) as client, pytest.raises(TokenError):
            client.server_info()
        monkeypatch.setenv("NIJIGAN_TOKEN", sidecar.token)
        with connect(sidecar.address) as client:
            client.server_info()


def test_calls_after_close_and_close_again(no_sidecar):
    with running_sidecar(stylizer=FakeStylizer()), connect() as client:
        client.close()
        assert client.server_info().api_level == 1
        client.close()
        client.close()


def test_a_preview_is_shown_first(client, pixels):
    shown = []

    def show(rgb, width, height):
        shown.append((len(rgb), width, height))

    content = {"style": "toy", "format": "RGBA8"}
    drawn = client.stylize(pixels.tobytes(), 56, 40, on_preview=show, preview_side=20, **content)
    assert shown == [(3 * 28 * 20, 28, 20)]
    assert drawn.pixels == client.stylize(pixels.tobytes(), 56, 40, **content).pixels


def test_a_style_is_loaded_before_it_is_used(client):
    client.unload_style("toy")
    assert client.load_style("toy", "draft") > 0
    assert client.unload_style("toy") == 1
    with pytest.raises(StylizerError, match="tyo"):
        client.load_style("tyo")
    with pytest.raises(ValueError, match="quality"):
        client.load_style("toy", "best")


def test_frames_are_drawn_in_order_and_one_that_cannot_be_does_not_stop_them(client):
    clip = np.random.default_rng(6).integers(0, 256, (3, 40, 56, 4), np.uint8)
    frames = [(pixels.tobytes(), 56, 40) for pixels in clip]
    frames.insert(1, (b"short", 56, 40))
    drawn = list(client.stylize_frames(frames, style="toy", first_number=4))
    assert [frame.number for frame in drawn] == [4, 5, 6, 7]
    assert drawn[1].result is None
    assert drawn[1].error.reason == "INVALID_IMAGE"
    for frame, (pixels, *_) in zip(drawn, frames, strict=True):
        if frame.error is None:
            assert frame.result.pixels == client.stylize(pixels, 56, 40, style="toy").pixels


def test_what_is_steady_is_the_mean_of_four_drawings(client, toy_style):
    rgb = np.random.default_rng(6).integers(0, 256, (40, 56, 3), np.uint8)
    stylizer, pixels = Stylizer(StyleLibrary([toy_style])), rgb.tobytes()
    for steady in (True, False):
        expected = stylizer.stylize(Picture(rgb), Settings("toy", steady=steady)).rgb.tobytes()
        given = {"style": "toy", "format": "RGB8", "steady": steady}
        assert client.stylize(pixels, 56, 40, **given).pixels == expected
        (frame,) = client.stylize_frames([(pixels, 56, 40)], **given)
        assert frame.result.pixels == expected


def test_frames_that_come_slowly_do_not_hold_other_calls_up(client):
    free = Event()

    def slow():
        for _ in range(2):
            assert free.wait(SECONDS)
            yield SMALL, 16, 16

    drawing = client.stylize_frames(slow(), style="toy")
    with ThreadPoolExecutor(1) as pool:
        frames = pool.submit(list, drawing)
        client.server_info()  # on the same connection
        free.set()
        assert len(frames.result(SECONDS)) == 2


def test_an_error_of_the_frames_is_the_caller_s(client):
    def broken():
        yield SMALL, 16, 16
        raise ZeroDivisionError("in the host")

    drawing = client.stylize_frames(broken(), style="toy")
    assert next(drawing).error is None
    with pytest.raises(ZeroDivisionError, match="in the host"):
        list(drawing)
    client.server_info()


def test_an_error_in_making_messages_is_the_caller_s_and_other_calls_go_on():
    def broken():
        yield StylizeRequest(settings=StylizeSettings(style="any")).encode()
        raise ZeroDivisionError("in the host")

    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), connect() as client, ThreadPoolExecutor(1) as pool:
        other = pool.submit(client.stylize, SMALL, 16, 16, style="any")
        assert fake.started.acquire(timeout=SECONDS)
        with pytest.raises(ZeroDivisionError, match="in the host"):
            list(client._call("Stylize", broken(), StylizeResponse, SECONDS))
        fake.release()
        assert other.result(SECONDS).width == 16


@pytest.mark.parametrize("method", ["stylize", "frame_face"])
def test_pixels_that_do_not_lie_in_a_row_are_refused_here(client, pixels, method):
    style = {"style": "toy"} if method == "stylize" else {}
    with pytest.raises(TypeError, match="contiguous"):
        getattr(client, method)(pixels[:, ::2], 28, 40, **style)


def test_leaving_the_frames_ends_the_call():
    fake = FakeStylizer()
    made = []

    def endless():
        while True:
            made.append(1)
            yield SMALL, 16, 16

    with running_sidecar(stylizer=fake) as sidecar, connect() as client:
        drawing = client.stylize_frames(endless(), style="any")
        next(drawing)
        drawing.close()
        while sidecar.calls.idle_seconds() == 0:
            pass
        count = len(made)
        Event().wait(0.2)
        assert len(made) <= count + 1
        client.server_info()


def test_a_region_and_more_than_8_bits(client):
    pixels = np.random.default_rng(2).random((40, 56, 4), np.float32) * 4
    region = (8, 4, 20, 30)
    result = client.stylize(
        pixels.tobytes(), 56, 40, style="toy", strength=0, format="RGBA32F", region=region
    )
    assert result[:3] == (20, 30, "RGBA32F")
    drawn = np.frombuffer(result.pixels, "<f4").reshape(30, 20, 4)
    np.testing.assert_allclose(drawn, pixels[4:34, 8:28], rtol=1e-4, atol=1e-6)
