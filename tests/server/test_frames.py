"""The frames of an animation through the sidecar."""

from threading import Event

import grpc
import numpy as np
import pytest

from nijigan.core.errors import EngineError
from nijigan.server.sidecar import Options
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan.v1 import stylizer_pb2 as pb

SECONDS = 20
SIZE = 24 * 16 * 3


@pytest.fixture
def clip():
    return np.random.default_rng(8).integers(0, 256, (5, 16, 24, 3), np.uint8)


def settings(first_number=0, state=b"", **each):
    content = {"style": "toy", "format": pb.PICTURE_FORMAT_RGB8, "width_px": 24, "height_px": 16}
    return pb.StylizeFramesRequest(
        settings=pb.FramesSettings(
            each=pb.StylizeSettings(**(content | each)), first_number=first_number, state=state
        )
    )


def frame(**said):
    return pb.StylizeFramesRequest(frame=pb.Frame(**said))


def chunk(data):
    return pb.StylizeFramesRequest(chunk=data)


def requests(clip, **said):
    yield settings(**said)
    for pixels in clip:
        data = pixels.tobytes()
        yield frame()
        yield from (chunk(data[:100]), chunk(data[100:]))


def call(client, messages, timeout=SECONDS):
    return client.stub.StylizeFrames(iter(messages), timeout=timeout, metadata=client.metadata)


def results(responses):
    """Each frame's number with its pixels, or with the reason why there are none."""
    found, data = [], b""
    for response in responses:
        match response.WhichOneof("part"):
            case "chunk":
                data += response.chunk
            case "failed":
                found.append((response.failed.number, response.failed.reason))
            case "done":
                done = response.done.done
                shape = done.height_px, done.width_px, 3
                found.append((response.done.number, np.frombuffer(data, np.uint8).reshape(shape)))
                data = b""
    return found


def test_frames_come_back_in_order_each_as_it_would_alone(client, clip):
    found = results(call(client, requests(clip, first_number=7)))
    assert [number for number, _ in found] == [7, 8, 9, 10, 11]
    for (_, drawn), pixels in zip(found, clip, strict=True):
        assert np.array_equal(drawn, client.stylize(pixels)[1])


def test_what_is_wrong_with_one_frame_does_not_stop_the_others(client, clip):
    data = clip[0].tobytes()
    messages = [
        settings(),
        *(frame(), chunk(data)),
        *(frame(), chunk(data[:-1])),  # too few, which the next frame shows
        *(frame(), chunk(data + b"x")),
        *(frame(width_px=15),),  # smaller than any picture
        *(chunk(bytes(15 * 16 * 3)), frame(width_px=1 << 20, height_px=1 << 10)),
        *(frame(width_px=12, height_px=32), chunk(data)),
        *(frame(width_px=32, height_px=16), chunk(bytes(32 * 16 * 3))),
        *(frame(), chunk(data[:5])),
    ]
    found = results(call(client, messages))
    kinds = [what if isinstance(what, str) else what.shape for _, what in found]
    assert kinds == [
        (16, 24, 3),
        "INVALID_IMAGE",
        "INVALID_IMAGE",
        "INVALID_IMAGE",
        "IMAGE_TOO_LARGE",
        "INVALID_IMAGE",
        (16, 32, 3),
        "INVALID_IMAGE",
    ]
    assert [number for number, _ in found] == list(range(8))


def test_a_frame_that_is_too_long_for_the_scale_does_not_stop_the_others(client, clip):
    strip = [frame(width_px=4400), chunk(bytes(4400 * 16 * 3))]
    messages = [settings(short_side_px=500), *strip, frame(), chunk(clip[0].tobytes())]
    (_, reason), (_, drawn) = results(call(client, messages))
    assert reason == "IMAGE_TOO_LARGE"
    assert drawn.shape == (16, 24, 3)


def test_an_engine_that_fails_on_a_frame_draws_the_next(stock_client, clip):
    class Fails(FakeStylizer):
        def stylize(self, picture, *rest):
            if len(self.settings) == 1:
                self.settings.append(None)
                raise EngineError("Not this one.")
            return super().stylize(picture, *rest)

    with running_sidecar(stylizer=Fails()) as sidecar, stock_client(sidecar) as client:
        found = results(call(client, requests(clip[:3])))
    assert found[1] == (1, "ENGINE_FAILED")
    assert np.array_equal(found[2][1], 255 - clip[2])


def test_an_engine_that_hangs_on_a_frame_draws_the_next(stock_client, clip, monkeypatch):
    monkeypatch.setattr("nijigan.server.watched._GRACE_SECONDS", 0.05)
    freed, begun = Event(), []

    class Hangs(FakeStylizer):
        def stylize(self, picture, settings, progress, *rest):
            begun.append(1)
            if len(begun) == 2:
                freed.wait(SECONDS)
            return super().stylize(picture, settings, progress, *rest)

    options = Options(hang_seconds=0.3)
    with (
        running_sidecar(stylizer=Hangs(), options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        found = results(call(client, requests(clip[:3])))
        freed.set()
    kinds = [what if isinstance(what, str) else "drawn" for _, what in found]
    assert kinds == ["drawn", "ENGINE_FAILED", "drawn"]


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([], "INVALID_REQUEST"),
        ([frame()], "INVALID_REQUEST"),
        ([settings(style="tyo")], "STYLE_NOT_FOUND"),
        ([settings(strength=2)], "INVALID_STRENGTH"),
        ([settings(format=99)], "INVALID_REQUEST"),
        ([settings(state=b"no state")], "INVALID_REQUEST"),
        ([settings(), chunk(b"x")], "INVALID_REQUEST"),
        ([settings(), frame(), chunk(b"")], "INVALID_REQUEST"),
        ([settings(), frame(), chunk(bytes((2 << 20) + 1))], "INVALID_REQUEST"),
        ([settings(), settings()], "INVALID_REQUEST"),
        ([settings(), pb.StylizeFramesRequest()], "INVALID_REQUEST"),
    ],
)
def test_what_is_wrong_with_the_call_ends_it(client, clip, messages, reason):
    with pytest.raises(grpc.RpcError) as caught:
        list(call(client, messages))
    assert client.error_info(caught.value).reason == reason
    assert len(results(call(client, requests(clip[:1])))) == 1


def test_encoded_frames(client, clip):
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(clip[0]).save(file, "PNG")
    data = file.getvalue()
    each = {"format": pb.PICTURE_FORMAT_ENCODED, "result_format": pb.PICTURE_FORMAT_RGB8}
    messages = [settings(**each), frame(size_bytes=len(data)), chunk(data)]
    messages += [frame(size_bytes=4), chunk(b"junk"), frame(), frame(size_bytes=1 << 40)]
    (_, drawn), *failed = results(call(client, messages))
    assert np.array_equal(drawn, client.stylize(clip[0])[1])
    assert [reason for _, reason in failed] == ["INVALID_IMAGE"] * 2 + ["IMAGE_TOO_LARGE"]


def test_no_more_than_a_few_frames_are_taken_ahead(stock_client):
    """What the sidecar has not taken stays with the client, by HTTP/2's flow control."""
    fake, taken = FakeStylizer(held=True), []
    pixels = bytes(1024 * 1024 * 3)

    def many():
        yield settings(width_px=1024, height_px=1024)
        for number in range(40):
            taken.append(number)
            yield frame()
            for start in range(0, len(pixels), 1 << 20):
                yield chunk(pixels[start : start + (1 << 20)])

    with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
        responses = call(client, many())
        assert fake.started.acquire(timeout=SECONDS)
        Event().wait(0.5)
        assert len(taken) < 20
        assert client.ask("GetServerInfo", pb.GetServerInfoRequest()).limits.max_frames_ahead == 2
        fake.release()
        assert len(results(responses)) == 40


def test_cancelling_stops_the_frame_that_is_drawn(stock_client, clip):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake) as sidecar, stock_client(sidecar) as client:
        responses = call(client, requests(clip))
        assert fake.started.acquire(timeout=SECONDS)
        responses.cancel()
        assert fake.cancelled.acquire(timeout=SECONDS)
        while sidecar.calls.idle_seconds() == 0:
            pass
    assert len(fake.settings) == 1


def test_a_call_goes_on_where_another_ended(toy_global_style, stock_client):
    rng = np.random.default_rng(5)
    clip = rng.integers(0, 256, (12, 16, 24, 3), np.uint8) // 2 + np.uint8(60)
    with running_sidecar([toy_global_style]) as sidecar, stock_client(sidecar) as client:
        whole = list(call(client, requests(clip, style="even")))
        numbers = [response.WhichOneof("part") for response in whole]
        assert numbers.count("done") == 12
        done = [each.done for each in whole if each.WhichOneof("part") == "done"]
        again = requests(clip[5:], style="even", first_number=5, state=done[4].state)
        rest = results(call(client, again))
    for (number, pixels), (expected, other) in zip(rest, results(whole)[5:], strict=True):
        assert number == expected
        assert np.array_equal(pixels, other)


def test_a_frame_that_takes_long_to_come_is_waited_for(stock_client, clip):
    options = Options(idle_seconds=0.1)

    def slow():
        yield settings()
        for pixels in clip[:2]:
            Event().wait(0.4)
            yield frame()
            yield chunk(pixels.tobytes())

    with (
        running_sidecar(stylizer=FakeStylizer(), options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        assert len(results(call(client, slow()))) == 2
