"""FrameFace, as a stock gRPC client and the Python client see it."""

import io
from threading import Event

import grpc
import numpy as np
import pytest
from PIL import Image, ImageFilter

from nijigan.client import connect
from nijigan.client.errors import StylizerError
from nijigan.core.images import read_picture
from nijigan.export.photos import bundled_photos
from nijigan.server.avatar.maker import AvatarMaker
from nijigan.server.sidecar import Options
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan.v1 import stylizer_pb2 as pb

SECONDS = 20


@pytest.fixture(scope="module")
def photos():
    with bundled_photos() as paths:
        return {path.stem: read_picture(path).rgb for path in paths}


@pytest.fixture(scope="module")
def python_client(sidecar):
    with connect(sidecar.address, sidecar.token) as connected:
        yield connected


def requests(rgb, **settings):
    height, width = rgb.shape[:2]
    content = {"width_px": width, "height_px": height, "format": pb.PICTURE_FORMAT_RGB8}
    yield pb.FrameFaceRequest(settings=pb.FrameFaceSettings(**{**content, **settings}))
    data = rgb.tobytes()
    for start in range(0, len(data), 1 << 20):
        yield pb.FrameFaceRequest(chunk=data[start : start + (1 << 20)])


def start(client, messages):
    return client.stub.FrameFace(iter(messages), timeout=SECONDS, metadata=client.metadata)


def refusal(client, messages):
    """Return the code and the ErrorInfo of a call that is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        list(start(client, messages))
    return caught.value.code().name, client.error_info(caught.value)


def test_a_face_is_framed(client, photos):
    *chunks, last = start(client, requests(photos["astronaut"], size_px=256))
    done = last.done
    square = np.frombuffer(b"".join(part.chunk for part in chunks), np.uint8)
    assert square.size == 256 * 256 * 3
    assert (done.size_px, done.format, done.face) == (256, pb.PICTURE_FORMAT_RGB8, 1)
    (face,) = done.faces
    assert face.left_px < 203 < face.left_px + face.width_px
    assert face.top_px < 103 < face.top_px + face.height_px
    assert abs(done.frame_middle_x_px - 224) < 10
    assert done.timings.compute_us > 0
    assert int(done.request) > 0


def test_an_encoded_photo_becomes_a_transparent_png(client, photos):
    file = io.BytesIO()
    Image.fromarray(photos["astronaut"]).save(file, "PNG")
    sent = [
        pb.FrameFaceRequest(
            settings=pb.FrameFaceSettings(format=pb.PICTURE_FORMAT_ENCODED, transparent=True)
        ),
        pb.FrameFaceRequest(chunk=file.getvalue()),
    ]
    *chunks, last = start(client, sent)
    image = Image.open(io.BytesIO(b"".join(part.chunk for part in chunks)))
    assert (image.size, image.mode, last.done.size_px) == ((512, 512), "RGBA", 512)
    assert image.getpixel((5, 5))[3] == 0
    assert image.getpixel((256, 230))[3] == 255


def test_why_there_is_no_avatar(client, photos):
    astronaut = photos["astronaut"]
    tiny = np.asarray(Image.fromarray(astronaut).resize((150, 150)))
    soft = np.asarray(Image.fromarray(astronaut).filter(ImageFilter.GaussianBlur(4)))
    for rgb, reason in (
        (photos["coffee"], "NO_FACE"),
        (tiny, "FACE_TOO_SMALL"),
        (soft, "FACE_BLURRED"),
    ):
        code, info = refusal(client, requests(rgb))
        assert (code, info.reason) == ("INVALID_ARGUMENT", reason)
        assert info.metadata["remedy"]
        assert [*start(client, requests(rgb, anyway=True))][-1].done.size_px == 512


def test_several_faces_come_with_their_places(client, photos):
    two = np.hstack([photos["astronaut"]] * 2)
    _, info = refusal(client, requests(two))
    assert info.reason == "SEVERAL_FACES"
    first, second = (
        [int(number) for number in face.split(",")] for face in info.metadata["faces"].split("; ")
    )
    assert abs(second[0] - first[0] - 512) < 5
    assert first[1:] == pytest.approx(second[1:], abs=4)
    *_, last = start(client, requests(two, face=2))
    assert (last.done.face, len(last.done.faces)) == (2, 2)
    assert last.done.frame_middle_x_px > 512


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"size_px": 15}, "INVALID_ARGUMENT"),
        ({"size_px": 1025}, "INVALID_ARGUMENT"),
        ({"face": 2}, "INVALID_ARGUMENT"),
        ({"format": 0}, "INVALID_REQUEST"),
        ({"format": 99}, "INVALID_REQUEST"),
        ({"result_format": 99}, "INVALID_REQUEST"),
        ({"width_px": 0}, "INVALID_IMAGE"),
        ({"width_px": 513}, "INVALID_IMAGE"),
        ({"height_px": 511}, "INVALID_IMAGE"),
        ({"width_px": 1 << 31, "height_px": 1 << 31}, "IMAGE_TOO_LARGE"),
        ({"format": pb.PICTURE_FORMAT_ENCODED}, "INVALID_IMAGE"),
    ],
)
def test_hostile_settings_are_refused(client, photos, settings, reason):
    assert refusal(client, requests(photos["astronaut"], **settings))[1].reason == reason


def test_messages_out_of_order_are_refused(client, photos):
    settings, *chunks = requests(photos["astronaut"])
    too_large = pb.FrameFaceRequest(chunk=bytes((2 << 20) + 1))
    for messages in (
        [],
        chunks,
        [settings, settings],
        [settings, pb.FrameFaceRequest(chunk=b"")],
        [settings, too_large],
    ):
        assert refusal(client, messages)[1].reason == "INVALID_REQUEST"
    assert refusal(client, [settings])[1].reason == "INVALID_IMAGE"


def test_it_has_a_place_in_the_queue(stock_client, photos):
    fake = FakeStylizer(held=True)
    options = Options(concurrent=1, queued=0)
    with (
        running_sidecar(stylizer=fake, options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        first = client.start(client.requests(photos["coffee"]))
        assert fake.started.acquire(timeout=SECONDS)
        code, info = refusal(client, requests(photos["astronaut"]))
        assert (code, info.reason) == ("RESOURCE_EXHAUSTED", "SERVER_BUSY")
        fake.release()
        assert list(first)[-1].WhichOneof("part") == "done"
        assert list(start(client, requests(photos["astronaut"])))[-1].done.face == 1


def test_one_that_waits_can_be_cancelled(stock_client, photos):
    fake = FakeStylizer(held=True)
    options = Options(concurrent=1, queued=4)
    with (
        running_sidecar(stylizer=fake, options=options) as sidecar,
        stock_client(sidecar) as client,
    ):
        first = client.start(client.requests(photos["coffee"]))
        assert fake.started.acquire(timeout=SECONDS)
        messages = requests(photos["astronaut"])
        with pytest.raises(grpc.RpcError) as caught:
            list(client.stub.FrameFace(messages, timeout=0.3, metadata=client.metadata))
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        fake.release()
        assert list(first)[-1].WhichOneof("part") == "done"


def test_the_end_of_a_call_ends_the_looking(client, photos, monkeypatch):
    ended = Event()

    def look_until_cancelled(_maker, _picture, _wish, cancel):
        with cancel.on_set(ended.set):
            ended.wait(SECONDS)
        cancel.raise_if_set()

    monkeypatch.setattr(AvatarMaker, "frame", look_until_cancelled)
    messages = requests(photos["astronaut"])
    with pytest.raises(grpc.RpcError):
        list(client.stub.FrameFace(messages, timeout=0.3, metadata=client.metadata))
    assert ended.wait(SECONDS / 2)


def test_the_python_client(python_client, photos):
    assert "faces" in python_client.server_info().features
    two = np.hstack([photos["astronaut"]] * 2)
    found = python_client.frame_face(
        two.tobytes(),
        1024,
        512,
        size=64,
        face=2,
        format="RGB8",
        result_format="RGBA8",
        transparent=True,
        level_eyes=True,
    )
    pixels = np.frombuffer(found.pixels, np.uint8).reshape(64, 64, 4)
    assert (found.size, found.format, found.face, len(found.faces)) == (64, "RGBA8", 2, 2)
    assert pixels[..., 3].min() == 0
    assert pixels[32, 32, 3] == 255
    assert found.frame_middle[0] > 512
    assert 200 < found.frame_side < 400
    assert 0 < found.frame_roll < 8
    assert found.faces[0].left < found.faces[1].left
    assert found.faces[0].score > 0.75
    with pytest.raises(StylizerError) as caught:
        python_client.frame_face(two.tobytes(), 1024, 512, format="RGB8")
    assert caught.value.reason == "SEVERAL_FACES"
    assert caught.value.metadata["faces"].count(";") == 1
