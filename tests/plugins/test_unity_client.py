"""Unity's client under mono against the real sidecar."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from nijigan.client import connect
from nijigan.core.images import Picture
from nijigan.export.styles import StyleLibrary
from nijigan.server.sidecar import Options
from nijigan.server.stylizer import Settings, Stylizer
from nijigan.server.testing import FakeStylizer, running_sidecar

SECONDS = 30
SOON = 1.0


@pytest.fixture
def photo(tmp_path):
    """Write pixels into a file; gives what a call is asked with."""

    def write(pixels, name="picture"):
        path = tmp_path / name
        pixels.tofile(path)
        return {"picture": str(path), "width": pixels.shape[1], "height": pixels.shape[0]}

    return write


def random_pixels(height, width, seed=3):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)


def negative(pixels):
    return np.dstack([255 - pixels[..., :3], pixels[..., 3]])


def read(path, shape):
    return np.fromfile(path, np.uint8).reshape(shape)


def test_what_the_sidecar_is_and_its_styles(unity, toy_style, tmp_path):
    with running_sidecar([toy_style]), connect() as client, unity() as calls:
        info, ours = calls.do("info"), client.server_info()
        assert (info["version"], info["api_level"]) == (ours.version, ours.api_level)
        assert (info["engines"], info["features"]) == (list(ours.engines), list(ours.features))
        assert info["max_pixels"] == ours.limits.max_pixels
        assert (info["frames"], info["idle_seconds"]) == (True, ours.limits.max_idle_ms / 1000)
        (style,) = calls.do("styles")["styles"]
        assert (style["name"], style["title"], style["license"]) == ("toy", "Toy", "Apache-2.0")
        assert (style["strength"], style["side"], style["fixed"]) == ("Blend", 64, 0)
        assert style["qualities"] == ["Draft", "Normal", "Fine"]
        assert style["limits"] == ["It draws nothing."]
        assert calls.do("style", name="toy") == style
        calls.do("preview", name="toy", out=str(tmp_path / "preview"))
        assert (tmp_path / "preview").read_bytes() == (toy_style / "preview.png").read_bytes()
        calls.do("unload", name="toy")
        assert calls.do("load", name="toy", quality="draft")["seconds"] > 0
        assert calls.do("unload", name="toy")["unloaded"] == 1


@pytest.mark.parametrize("quality", ["draft", "fine"])
@pytest.mark.parametrize("scale", ["auto", "native", 24])
def test_the_result_is_the_stylizer_s_and_alpha_is_carried(
    unity, toy_style, photo, tmp_path, quality, scale
):
    pixels = random_pixels(40, 56)
    expected = Stylizer(StyleLibrary([toy_style])).stylize(
        Picture(pixels[..., :3], pixels[..., 3]), Settings("toy", 0.7, quality, scale)
    )
    size = {"scale": scale} if isinstance(scale, str) else {"side": scale}
    asked = {**photo(pixels), **size, "style": "toy", "strength": 0.7, "quality": quality}
    with running_sidecar([toy_style]), unity() as calls:
        result = calls.do("stylize", **asked, out=str(tmp_path / "out"), preview=20)
    drawn = read(tmp_path / "out", pixels.shape)
    assert np.array_equal(drawn, np.dstack([expected.rgb, expected.alpha]))
    assert (result["width"], result["height"], result["format"]) == (56, 40, "Rgba8")
    assert result["progress"] == sorted(result["progress"])
    assert result["progress"][-1] == 1
    assert result["previews"] == [
        {"width": 28, "height": 20, "format": "Rgb8", "count": 3 * 28 * 20}
    ]
    assert int(result["request"]) > 0
    assert result["compute_ms"] > 0


def test_formats_and_a_region(unity, toy_style, photo, tmp_path):
    pixels, out = random_pixels(40, 56), str(tmp_path / "out")
    deep = np.random.default_rng(2).random((40, 56, 4), np.float32) * 4
    with running_sidecar([toy_style]), unity() as calls:
        asked = {**photo(pixels), "style": "toy", "strength": 0, "out": out}
        png = calls.do("stylize", **asked, result="Encoded")
        assert Path(out).read_bytes().startswith(b"\x89PNG")
        assert (png["width"], png["height"], png["format"]) == (56, 40, "Encoded")
        shutil.copy(out, tmp_path / "file")
        asked = {"picture": str(tmp_path / "file"), "format": "Encoded", "style": "toy"}
        calls.do("stylize", **asked, strength=0, out=out, result="Rgba8")
        assert np.array_equal(read(out, pixels.shape), pixels)
        asked = {**photo(deep), "format": "Rgba32f", "style": "toy", "strength": 0, "out": out}
        part = calls.do("stylize", **asked, region=[8, 4, 20, 30])
    assert (part["width"], part["height"], part["format"]) == (20, 30, "Rgba32f")
    drawn = np.fromfile(out, "<f4").reshape(30, 20, 4)
    np.testing.assert_allclose(drawn, deep[4:34, 8:28], rtol=1e-4, atol=1e-6)


def test_what_is_steady_is_the_mean_of_four_drawings(unity, toy_style, photo, tmp_path):
    pixels, out = random_pixels(40, 56), str(tmp_path / "out")
    with running_sidecar([toy_style]), unity() as calls:
        calls.do("stylize", **photo(pixels), style="toy", out=out, steady=True)
    picture = Picture(pixels[..., :3], pixels[..., 3])
    stylizer = Stylizer(StyleLibrary([toy_style]))
    expected = stylizer.stylize(picture, Settings("toy", steady=True)).rgb
    assert np.array_equal(read(out, pixels.shape)[..., :3], expected)


@pytest.mark.parametrize("exchange", [None, True, False])
def test_pictures_of_8k_by_the_wire_and_through_files(unity, photo, tmp_path, exchange):
    pixels = np.zeros((4320, 7680, 4), np.uint8)
    pixels[::7, ::11] = 255
    options = {} if exchange is None else {"exchange": exchange}
    with running_sidecar(stylizer=FakeStylizer()), unity(**options) as calls:
        out = tmp_path / "out"
        result = calls.do("stylize", **photo(pixels), out=str(out))
        assert result.get("error") is None, result
        assert np.array_equal(read(out, pixels.shape), negative(pixels))


def test_through_files_or_not_at_all(unity, photo):
    small = photo(random_pixels(16, 16))
    with running_sidecar(stylizer=FakeStylizer()) as sidecar:
        with unity(exchange=True) as calls:
            assert calls.do("stylize", **small)["width"] == 16
            folder = sidecar_folder(sidecar)
            assert list(folder.iterdir()) == []
            shutil.rmtree(folder)
            assert calls.do("stylize", **small)["reason"] == "EXCHANGE_FAILED"
        with unity() as calls:  # by the wire then
            assert calls.do("stylize", **photo(random_pixels(300, 300)))["width"] == 300


def sidecar_folder(sidecar):
    with connect(sidecar.address, token=sidecar.token) as client:
        return Path(client.server_info().exchange_folder)


@pytest.mark.parametrize(
    ("changes", "code", "reason", "text"),
    [
        ({"style": "toi"}, "NotFound", "STYLE_NOT_FOUND", "Did you mean 'toy'?"),
        ({"strength": 7}, "InvalidArgument", "INVALID_STRENGTH", "7"),
        ({"width": 15, "height": 17}, "InvalidArgument", "INVALID_IMAGE", "15x17"),
    ],
)
def test_what_the_sidecar_refuses(unity, toy_style, photo, changes, code, reason, text):
    asked = {**photo(random_pixels(16, 16)), "style": "toy", **changes}
    with running_sidecar([toy_style]), unity() as calls:
        error = calls.do("stylize", **asked)
        assert (error["code"], error["reason"]) == (code, reason)
        assert text in error["text"]
        assert error["text"] == f"{error['fact']} {error['remedy']}"
        assert error["request"].isdigit()
        right = {**asked, "style": "toy", "strength": 0, "width": 16, "height": 16}
        assert calls.do("stylize", **right)["width"] == 16


def test_errors_with_much_metadata(unity, toy_style):
    with running_sidecar([toy_style]), unity() as calls:
        error = calls.do("style", name="ä" * 2000)
        assert (error["reason"], error["code"]) == ("STYLE_NOT_FOUND", "NotFound")
        assert "ää" in error["fact"]


def test_an_error_in_progress_ends_the_call(unity, photo):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), unity() as calls:
        error = calls.do("stylize", **photo(random_pixels(16, 16)), stumble=True)
        assert (error["error"], error["text"]) == ("InvalidTimeZoneException", "in the host")
        assert fake.cancelled.acquire(timeout=SECONDS)
        fake.release()
        assert calls.do("stylize", **photo(random_pixels(16, 16)))["width"] == 16


def test_cancel_returns_at_once_and_the_connection_goes_on(unity, photo):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), unity() as calls:
        drawing = calls.begin("stylize", **photo(random_pixels(16, 16)))
        assert fake.started.acquire(timeout=SECONDS)
        began = time.monotonic()
        calls.do("cancel", of=drawing.number)
        assert drawing.result(SECONDS)["error"] == "TaskCanceledException"
        assert time.monotonic() - began < SOON
        assert fake.cancelled.acquire(timeout=SECONDS)
        fake.release()
        assert calls.do("stylize", **photo(random_pixels(16, 16)))["width"] == 16


def test_a_deadline(unity, photo):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), unity() as calls:
        error = calls.do("stylize", **photo(random_pixels(16, 16)), timeout=0.2)
        assert (error["error"], error["reason"]) == ("DeadlineException", "DEADLINE_EXCEEDED")
        assert fake.cancelled.acquire(timeout=SECONDS)


def test_a_full_sidecar_and_other_calls_meanwhile(unity, photo):
    fake = FakeStylizer(held=True)
    options = Options(concurrent=1, queued=0)
    asked = photo(random_pixels(16, 16))
    with running_sidecar(stylizer=fake, options=options), unity() as calls:
        first = calls.begin("stylize", **asked)
        assert fake.started.acquire(timeout=SECONDS)
        error = calls.do("stylize", **asked)
        assert (error["error"], error["reason"]) == ("BusyException", "SERVER_BUSY")
        assert error["retry_seconds"] == 1
        assert calls.do("info")["max_concurrent"] == 1  # on the same connection
        fake.release()
        assert first.result(SECONDS)["width"] == 16


def test_many_calls_at_once(unity, photo, tmp_path):
    with running_sidecar(stylizer=FakeStylizer()), unity(exchange=False) as calls:
        all_pixels = [random_pixels(300 + i, 400, i) for i in range(6)]
        drawings = [
            calls.begin("stylize", **photo(pixels, f"in{i}"), out=str(tmp_path / f"out{i}"))
            for i, pixels in enumerate(all_pixels)
        ]
        for i, (pixels, drawing) in enumerate(zip(all_pixels, drawings, strict=True)):
            assert drawing.result(SECONDS).get("error") is None
            assert np.array_equal(read(tmp_path / f"out{i}", pixels.shape), negative(pixels))


def test_a_sidecar_that_goes_away_and_comes_back(unity, photo, no_sidecar):
    fake = FakeStylizer(held=True)
    sidecar = ExitStack()
    sidecar.enter_context(running_sidecar(stylizer=fake, options=Options(drain_seconds=0)))
    home = os.environ["NIJIGAN_HOME"]
    with unity() as calls:
        drawing = calls.begin("stylize", **photo(random_pixels(16, 16)))
        assert fake.started.acquire(timeout=SECONDS)
        sidecar.close()
        assert drawing.result(SECONDS)["reason"] == "SIDECAR_UNAVAILABLE"
        assert "Start it with: nijigan serve" in calls.do("info")["text"]
        with running_sidecar(stylizer=FakeStylizer()) as other:  # another port, another token
            Path(home).mkdir()
            shutil.copy(other.home / "sidecar.json", home)
            assert calls.do("stylize", **photo(random_pixels(16, 16)))["width"] == 16
        shutil.rmtree(home)


def test_a_picture_is_finished_while_the_sidecar_ends(unity, photo, no_sidecar):
    from threading import Thread

    fake = FakeStylizer(held=True)
    sidecar = ExitStack()
    sidecar.enter_context(running_sidecar(stylizer=fake))
    with unity() as calls:
        drawing = calls.begin("stylize", **photo(random_pixels(16, 16)))
        assert fake.started.acquire(timeout=SECONDS)
        ending = Thread(target=sidecar.close)
        ending.start()
        end = time.monotonic() + SECONDS
        while calls.do("info").get("reason") != "SIDECAR_UNAVAILABLE":
            assert time.monotonic() < end
        fake.release()
        assert drawing.result(SECONDS)["width"] == 16
        ending.join(SECONDS)


@pytest.fixture
def no_sidecar(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_no_sidecar_and_what_one_left_that_was_killed(unity, no_sidecar):
    with unity() as calls:
        error = calls.do("info")
        assert (error["error"], error["reason"]) == (
            "SidecarNotRunningException",
            "SIDECAR_UNAVAILABLE",
        )
        assert error["remedy"] == "Start it with: nijigan serve"
        left = {"schema": 1, "pid": 1, "port": 1, "token": "t", "version": "9", "api_level": 1}
        for text in ("", "[]", "{}", json.dumps({**left, "port": "x"}), "{" * 99, '{"pid": 1'):
            (no_sidecar / "sidecar.json").write_text(text)
            assert "nothing to read in" in calls.do("info")["text"]
        (no_sidecar / "sidecar.json").write_text(json.dumps(left))
        assert "Nothing answers at 127.0.0.1:1 (" in calls.do("info")["text"]
        (no_sidecar / "sidecar.json").write_text(json.dumps({**left, "api_level": 2}))
        error = calls.do("info")
        assert (error["error"], error["metadata"]) == ("IncompatibleException", {"older": "client"})
        assert "(nijigan 9) has the interface 2; this client knows 1." in error["text"]


@pytest.mark.parametrize(
    "address", ["", "localhost", ":1", "1", "a:b", "a:0", "a:65536", "tls://a"]
)
def test_no_address(unity, no_sidecar, address):
    with unity() as calls:
        error = calls.do("open", address=address)
        assert error["error"] == "ArgumentException"
        assert "is no address. Give host:port" in error["text"]


def test_a_wrong_token_and_a_right_one(unity, no_sidecar, monkeypatch):
    with running_sidecar(stylizer=FakeStylizer()) as sidecar:
        port = sidecar.address.rpartition(":")[2]
        with unity(address=sidecar.address, token="wrong") as calls:
            assert calls.do("info")["error"] == "TokenException"
        for address in (sidecar.address, f"localhost:{port}"):  # the token in sidecar.json
            with unity(address=address) as calls:
                assert calls.do("info")["api_level"] == 1
        monkeypatch.setenv("NIJIGAN_HOME", "nowhere")
        with unity(address=sidecar.address, token=sidecar.token) as calls:
            assert calls.do("info")["api_level"] == 1
        monkeypatch.setenv("NIJIGAN_TOKEN", sidecar.token)
        with unity(address=sidecar.address) as calls:
            assert calls.do("info")["api_level"] == 1
            calls.do("close")
            calls.do("close")
            assert calls.do("info")["error"] == "ObjectDisposedException"


def test_a_face(unity, photo, tmp_path):
    from PIL import Image

    astronaut = Path(__file__).parents[2] / "export/nijigan/export/data/astronaut.jpg"
    pixels = np.asarray(Image.open(astronaut).convert("RGBA"))
    with running_sidecar(stylizer=FakeStylizer()), connect() as client, unity() as calls:
        ours = client.frame_face(pixels.tobytes(), pixels.shape[1], pixels.shape[0], size=96)
        found = calls.do("face", **photo(pixels), size=96, out=str(tmp_path / "face"))
        assert (tmp_path / "face").read_bytes() == ours.pixels
        assert (found["width"], found["height"], found["face"]) == (96, 96, ours.face)
        assert found["side"] == pytest.approx(ours.frame_side, rel=1e-5)
        assert len(found["faces"]) == len(ours.faces)
        error = calls.do(
            "face", **photo(np.zeros((64, 64, 4), np.uint8)), out=str(tmp_path / "face")
        )
        assert error["reason"] == "NO_FACE"


def test_frames_with_one_that_cannot_be_drawn(unity, toy_style, photo, tmp_path):
    clip = [random_pixels(40, 56, seed) for seed in range(3)]
    clip.insert(1, random_pixels(40, 15))
    files = [photo(pixels, f"frame{i}") for i, pixels in enumerate(clip)]
    asked = [[each["picture"], each["width"], each["height"]] for each in files]
    with running_sidecar([toy_style]), connect() as client, unity() as calls:
        frames = calls.do(
            "frames", pictures=asked, style="toy", first=4, out=str(tmp_path / "out")
        )["frames"]
        assert [frame["number"] for frame in frames] == [4, 5, 6, 7]
        assert frames[1]["reason"] == "INVALID_IMAGE"
        for frame, pixels in zip(frames, clip, strict=True):
            if "error" not in frame:
                drawn = client.stylize(pixels, 56, 40, style="toy").pixels
                assert (tmp_path / f"out{frame['number']}").read_bytes() == drawn


def test_frames_go_on_from_a_state(unity, toy_global_style, photo, tmp_path):
    clip = [random_pixels(40, 56, seed) for seed in range(4)]
    files = [photo(pixels, f"frame{i}") for i, pixels in enumerate(clip)]
    asked = [[each["picture"], each["width"], each["height"]] for each in files]
    out = {"style": "even", "out": str(tmp_path / "all")}
    with running_sidecar([toy_global_style]), unity() as calls:
        frames = calls.do("frames", pictures=asked, **out)["frames"]
        state = frames[1]["state"]
        assert state
        again = {"style": "even", "out": str(tmp_path / "again"), "first": 2, "state": state}
        calls.do("frames", pictures=asked[2:], **again)
    for number in (2, 3):
        drawn = (tmp_path / f"all{number}").read_bytes()
        assert (tmp_path / f"again{number}").read_bytes() == drawn


def test_large_frames_that_are_received_late_and_others_meanwhile(unity, photo, tmp_path):
    clip = [random_pixels(1500, 2000, seed) for seed in range(5)]  # 12 MB each; the window has 8
    files = [photo(pixels, f"frame{i}") for i, pixels in enumerate(clip)]
    asked = [[each["picture"], each["width"], each["height"]] for each in files]
    with running_sidecar(stylizer=FakeStylizer()), unity() as calls:
        frames = calls.begin("frames", pictures=asked, out=str(tmp_path / "out"))
        assert calls.do("info")["api_level"] == 1
        assert len(frames.result(SECONDS)["frames"]) == 5
    for i, pixels in enumerate(clip):
        assert np.array_equal(read(tmp_path / f"out{i}", pixels.shape), negative(pixels))


def test_leaving_the_frames_ends_the_call(unity, photo):
    picture = photo(random_pixels(16, 16))
    asked = [[picture["picture"], 16, 16]] * 3
    with running_sidecar(stylizer=FakeStylizer()) as sidecar, unity() as calls:
        assert len(calls.do("frames", pictures=asked, open=True, leave=1)["frames"]) == 1
        end = time.monotonic() + SECONDS
        while sidecar.calls.idle_seconds() == 0:
            assert time.monotonic() < end
        calls.do("info")


def test_frames_of_a_style_that_there_is_not(unity, toy_style, photo):
    picture = photo(random_pixels(16, 16))
    with running_sidecar([toy_style]), unity() as calls:
        error = calls.do("frames", pictures=[[picture["picture"], 16, 16]], style="toi")
        assert error["reason"] == "STYLE_NOT_FOUND"


def garbage_of_frames(unity_driver, how, **environment):
    with running_sidecar(stylizer=FakeStylizer()):
        done = subprocess.run(
            ["mono", unity_driver, "garbage", how],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    assert counted["frames"] == 4000
    return counted


def test_streaming_frames_makes_no_garbage_on_the_caller_s_thread(unity_driver):
    """Counted: bytes that the thread has taken from the heap, in blocks of 4 KB."""
    assert garbage_of_frames(unity_driver, "poll")["caller_bytes"] < 4000 * 4


@pytest.mark.parametrize(("how", "most"), [("poll", 1), ("await", 16)])
def test_streaming_frames_makes_little_garbage_on_all_threads(unity_driver, how, most):
    """Counted: collections of a nursery of 512 KB; of 4000 frames, one is 131 bytes a frame."""
    small = {"MONO_GC_PARAMS": "nursery-size=512k"}
    assert garbage_of_frames(unity_driver, how, **small)["collections"] <= most


def test_a_sidecar_is_started_once_and_stopped(unity, no_sidecar):
    command = sys.executable
    with unity(start=command) as calls:
        assert calls.do("info")["api_level"] == 1
        pid = json.loads((no_sidecar / "sidecar.json").read_text())["pid"]
        started = calls.do("start", command=command)["address"]  # it is there already
        assert json.loads((no_sidecar / "sidecar.json").read_text())["pid"] == pid
        assert calls.do("info")["api_level"] == 1
        calls.do("stop", timeout=20)
        assert not (no_sidecar / "sidecar.json").exists()
        assert calls.do("info")["api_level"] == 1  # by another, that was started for it
        assert json.loads((no_sidecar / "sidecar.json").read_text())["pid"] != pid
        assert started.startswith("127.0.0.1:")
        calls.do("stop", timeout=20)
        assert "nothing to read in" in calls.do("stop")["text"]


def test_a_sidecar_that_is_killed_amid_a_call_and_started_again(unity, no_sidecar):
    with unity(start=sys.executable) as calls:
        calls.do("info")
        pid = json.loads((no_sidecar / "sidecar.json").read_text())["pid"]
        frames = calls.begin("frames", pictures=[], open=True, style="cel")  # waits for what comes
        calls.do("info")
        os.kill(pid, signal.SIGKILL)
        assert frames.result(SECONDS)["reason"] == "SIDECAR_UNAVAILABLE"
        assert calls.do("info")["api_level"] == 1  # its file was still there
        assert json.loads((no_sidecar / "sidecar.json").read_text())["pid"] != pid
        calls.do("stop", timeout=20)


@pytest.mark.parametrize(
    ("folder", "names", "path"),
    [
        ("with blanks", {}, '"{}"'),
        ("Programs/Python/Python312/Scripts", {"XDG_DATA_HOME": "{}"}, ""),
        ("Python/Python313/Scripts", {"XDG_CONFIG_HOME": "{}"}, ""),
    ],
    ids=["on the path, in quotes", "pip's on Windows", "pip's on Windows, of one user"],
)
def test_where_the_command_is_found(unity, no_sidecar, monkeypatch, tmp_path, folder, names, path):
    """The variables are where Mono looks on Linux for what are folders of Windows."""
    command = tmp_path / folder / "nijigan"
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\necho 127.0.0.1:9\nread line\n")
    command.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in names.items():
        monkeypatch.setenv(name, value.format(tmp_path))
    mono = Path(shutil.which("mono")).parent
    monkeypatch.setenv("PATH", f"{mono}{os.pathsep}{path.format(command.parent)}")
    with unity() as calls:
        assert calls.do("start") == {"address": "127.0.0.1:9"}


def test_what_cannot_be_started_or_stopped(unity, no_sidecar, monkeypatch, tmp_path):
    broken = tmp_path / "nijigan"
    broken.write_text("#!/bin/sh\necho 'no engine here' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(Path(shutil.which("mono")).parent))
    with unity() as calls:
        assert calls.do("start", command=str(tmp_path / "none"))["reason"] == "COMMAND_NOT_FOUND"
        assert (
            "The sidecar did not start: no engine here"
            in calls.do("start", command=str(broken))["text"]
        )
        me = {"schema": 1, "pid": os.getpid(), "token": "t", "version": "9", "api_level": 1}
        (no_sidecar / "sidecar.json").write_text(json.dumps({**me, "port": 1}))
        assert calls.do("stop")["reason"] == "SIDECAR_UNAVAILABLE"
