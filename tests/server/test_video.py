"""Videos, as a person has them drawn."""

import json
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from av.video.reformatter import Colorspace

from nijigan.core.cli import main
from nijigan.core.errors import SidecarError
from nijigan.core.images import Picture, write_picture
from nijigan.server.animation import video
from nijigan.server.lease import lease
from nijigan.server.remote import RemoteStylizer
from nijigan.server.stylizer import Stylizer
from nijigan.server.testing import FakeStylizer, running_sidecar

WIDTH, HEIGHT = 48, 36
SOUND_RATE = 48000


def pictures(count, width=WIDTH, height=HEIGHT):
    """Blocks that move to the left while it grows light."""
    blocks = np.random.default_rng(5).integers(0, 150, (height, width + count, 3), np.uint8)
    blocks = blocks[::6, ::6].repeat(6, 0).repeat(6, 1)
    for i in range(count):
        yield np.ascontiguousarray(blocks[:height, i : i + width] + np.uint8(80 * i // count))


def write_clip(
    path, frames, codec="libx264", sound="aac", times=None, base=Fraction(1, 25), late=0, **about
):
    """Write frames, one each 1/25 second where no times are given, and as much sound.

    late: seconds after which both begin.
    """
    with av.open(str(path), "w") as out:
        frames = list(frames)
        options = {"crf": "8", "threads": "1", "x264-params": about.pop("params", "")}
        stream = out.add_stream(codec, rate=25, options=options if codec == "libx264" else {})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = about.pop("pix_fmt", "yuv420p")
        stream.time_base = stream.codec_context.time_base = base
        if rotation := about.pop("rotation", 0):
            stream.set_display_rotation(rotation)
        for name, value in about.items():
            setattr(stream.codec_context, name, value)
        heard = [out.add_stream(sound, rate=SOUND_RATE, layout="mono")] if sound else []
        for i, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame = frame.reformat(format=stream.pix_fmt, dst_colorspace=Colorspace.ITU601)
            frame.pts, frame.time_base = late * 25 + i if times is None else times[i], base
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
        for each in heard:
            write_sound(out, each, len(frames) * SOUND_RATE // 25, late)


def write_sound(out, stream, samples, late):
    wave = (np.sin(np.arange(samples) / 20) * 8000).astype(np.int16)
    resampler = av.AudioResampler(stream.format.name, stream.layout.name, SOUND_RATE, 1024)
    for start in range(0, samples, 1024):
        frame = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], "s16", "mono")
        frame.rate, frame.pts = SOUND_RATE, start + late * SOUND_RATE
        for ready in resampler.resample(frame):
            out.mux(stream.encode(ready))
    out.mux(stream.encode())


@pytest.fixture(scope="session")
def written_clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    write_clip(path, pictures(60))
    return path


@pytest.fixture
def clip(written_clip, tmp_path):
    """60 frames, and sound."""
    return Path(shutil.copy(written_clip, tmp_path))


@pytest.fixture
def nijigan(toy_style, toy_global_style, tmp_path, monkeypatch, capsys):
    """Call `stylize` in an empty folder; gives exit code, stdout, stderr."""
    monkeypatch.setenv("NIJIGAN_STYLES", f"{toy_style}:{toy_global_style}")
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*arguments, style="toy"):
        with pytest.raises(SystemExit) as ended:
            main(["stylize", *arguments, "--style", style, "--threads", "1"])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def seen(path):
    """The frames of a video: what time each is shown at, and its pixels."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        return (
            [frame.pts * frame.time_base for frame in frames],
            [frame.to_ndarray(format="rgb24").astype(int) for frame in frames],
        )


def heard(path):
    """The packets of each stream of sound: when, and what."""
    with av.open(str(path)) as container:
        return [
            [(packet.pts * packet.time_base, bytes(packet)) for packet in packets if packet.size]
            for packets in (
                list(av.open(str(path)).demux(audio=i)) for i in range(len(container.streams.audio))
            )
        ]


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_frames_times_and_sound_are_kept(nijigan, clip, suffix):
    out = f"new/drawn{suffix}"
    assert nijigan("clip.mp4", "--strength", "0", "-o", out) == (0, f"{out}\n", "")
    assert [path.name for path in Path("new").iterdir()] == [f"drawn{suffix}"]
    (times, drawn), (expected, photos) = seen(out), seen(clip)
    shift = times[0]  # of all streams, where a container knows nothing before 0
    assert shift <= (0.03 if suffix == ".mkv" else 0)
    assert [round(float(time - shift), 3) for time in times] == [float(t) for t in expected]
    for i, frame in enumerate(drawn):  # each is nearest to its own
        apart = [np.abs(frame - photo).mean() for photo in photos]
        assert int(np.argmin(apart)) == i
        assert apart[i] < 8
    (packets,), (sources,) = heard(out), heard(clip)
    assert [data for _, data in packets] == [data for _, data in sources]
    late = [float(time - own) for (time, _), (own, _) in zip(packets, sources, strict=True)]
    assert np.allclose(late, float(shift), atol=1.1e-3)


def test_a_style_draws_every_frame(nijigan, clip, toy_style):
    from nijigan.export.styles import StyleLibrary
    from nijigan.server.stylizer import Settings

    assert nijigan("clip.mp4", "-o", "drawn.mkv")[0] == 0
    stylizer = Stylizer(StyleLibrary([toy_style]), threads=1)
    for photo, drawn in zip(seen(clip)[1][::20], seen("drawn.mkv")[1][::20], strict=True):
        expected = stylizer.stylize(
            Picture(photo.astype(np.uint8)), Settings("toy", steady=True)
        ).rgb
        assert np.abs(drawn - expected).mean() < 8
        assert np.abs(photo - expected).mean() > 20


def test_times_of_a_variable_rate_are_kept_exactly(nijigan):
    times = np.cumsum(np.random.default_rng(0).integers(1, 500, 30)).tolist()
    times = [time - times[0] for time in times]
    write_clip("clip.mp4", pictures(30), times=times, base=Fraction(1, 600), params="bframes=0")
    assert nijigan("clip.mp4", "-o", "drawn.mp4")[0] == 0
    assert seen("drawn.mp4")[0] == [Fraction(time, 600) for time in times]
    with av.open("clip.mp4") as before, av.open("drawn.mp4") as after:
        assert before.streams.video[0].duration == after.streams.video[0].duration


def test_a_clock_that_starts_late_starts_at_0(nijigan):
    write_clip("clip.ts", pictures(5), late=3)
    assert seen("clip.ts")[0][0] >= 3
    assert nijigan("clip.ts", "-o", "drawn.mp4")[0] == 0
    begin = min(time for packets in heard("drawn.mp4") for time, _ in packets)
    (times, _), (before, _) = seen("drawn.mp4"), seen("clip.ts")
    assert [time - times[0] for time in times] == [time - before[0] for time in before]
    assert abs(min(begin, times[0])) < 0.03
    late = min(time for packets in heard("clip.ts") for time, _ in packets) - before[0]
    assert begin - times[0] == pytest.approx(late, abs=1e-3)


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_what_lies_on_its_side_comes_out_upright(nijigan, rotation):
    write_clip("clip.mp4", pictures(3), rotation=rotation)
    assert nijigan("clip.mp4", "--strength", "0", "-o", "drawn.mp4")[0] == 0
    (_, photos), (_, drawn) = seen("clip.mp4"), seen("drawn.mp4")
    with av.open("drawn.mp4") as container:
        assert next(container.decode(video=0)).rotation == 0
    assert np.abs(drawn[1] - np.rot90(photos[1], rotation // 90)).mean() < 8


def test_pixels_become_square_and_sides_even(nijigan):
    write_clip("clip.mkv", pictures(3), sample_aspect_ratio=Fraction(15, 16))
    code, _, err = nijigan("clip.mkv", "--strength", "0", "-o", "drawn.mp4")
    assert code == 0
    assert err == "clip.mkv is 45x36; H.264 has even sides, so its edge is repeated to 46x36.\n"
    drawn = seen("drawn.mp4")[1][0]
    assert drawn.shape == (36, 46, 3)
    assert np.abs(drawn[:, 45] - drawn[:, 44]).mean() < 8


def test_webm_has_vp9_which_takes_odd_sides(nijigan):
    write_clip("clip.mkv", pictures(3, 47, 35), sound="libopus", pix_fmt="yuv444p")
    assert nijigan("clip.mkv", "-o", "drawn.webm") == (0, "drawn.webm\n", "")
    with av.open("drawn.webm") as container:
        (video,), (sound,) = container.streams.video, container.streams.audio
        assert (video.codec_context.name, video.width, video.height) == ("vp9", 47, 35)
        assert sound.codec_context.name == "opus"


def test_colors_stay_and_are_told(nijigan):
    color = (200, 40, 90)
    flat = np.broadcast_to(np.array(color, np.uint8), (HEIGHT, WIDTH, 3))
    write_clip("clip.mp4", [np.ascontiguousarray(flat)] * 3)  # in Rec. 601
    assert nijigan("clip.mp4", "--strength", "0", "-o", "drawn.mp4")[0] == 0
    with av.open("drawn.mp4") as container:
        frame = next(container.decode(video=0))
        tags = (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range)
        assert tags == (1, 1, 1, 1)  # Rec. 709, of limited range
        pixels = frame.to_ndarray(format="rgb24").astype(int)
    assert np.abs(pixels - color).max() <= 5


def test_all_streams_of_sound_are_kept_and_others_named(nijigan, tmp_path):
    write_clip("one.mkv", pictures(3), sound="pcm_s16le")
    Path("words.srt").write_text("1\n00:00:00,000 --> 00:00:00,100\nHello\n")
    with av.open("one.mkv") as one, av.open("words.srt") as words, av.open("two.mkv", "w") as out:
        sources = [one.streams.video[0], one.streams.audio[0], one.streams.audio[0]]
        streams = [out.add_stream_from_template(stream) for stream in sources]
        streams[2].metadata["language"] = "fra"
        text = out.add_stream_from_template(words.streams.subtitles[0])
        for packet in one.demux():
            targets = streams[:1] if packet.stream.type == "video" else streams[1:]
            for stream in targets if packet.pts is not None else ():
                packet.stream = stream
                out.mux(packet)
        for packet in words.demux():
            if packet.dts is not None:
                packet.stream = text
                out.mux(packet)
    code, _, err = nijigan("two.mkv", "-o", "drawn.mov")
    assert (code, err) == (0, "Streams of two.mkv that are not kept: 1 subtitle.\n")
    first, second = heard("drawn.mov")
    sound = b"".join(data for _, data in heard("one.mkv")[0])
    assert b"".join(data for _, data in first) == b"".join(data for _, data in second) == sound
    with av.open("drawn.mov") as container:
        assert container.streams.audio[1].language == "fra"


def test_a_video_without_sound(nijigan):
    write_clip("clip.mkv", pictures(3), sound=None)
    assert nijigan("clip.mkv", "-o", "out") == (0, "out/clip.mkv\n", "")
    assert len(seen("out/clip.mkv")[0]) == 3
    assert heard("out/clip.mkv") == []


KILLED = """
import os, signal, sys
from nijigan.core.cli import main
from nijigan.server.animation import joining
from nijigan.server.stylizer import Stylizer

def die(*_): os.kill(os.getpid(), signal.SIGKILL)
frame, *arguments = sys.argv[1:]
if frame == "join":
    joining._mux = die
else:
    stylize, drawn = Stylizer.stylize, []
    def counted(*given, **named):
        drawn.append(1)
        return die() if len(drawn) > int(frame) else stylize(*given, **named)
    Stylizer.stylize = counted
main(arguments)
"""


def killed(frame, *arguments, style="toy"):
    """Run `stylize` in a process that is killed (SIGKILL) when it is to draw that frame."""
    command = ["stylize", *arguments, "--style", style, "--threads", "1"]
    ended = subprocess.run([sys.executable, "-c", KILLED, str(frame), *command], timeout=60)
    assert ended.returncode == -signal.SIGKILL


@contextmanager
def counted(monkeypatch):
    """Count the frames that are drawn meanwhile."""
    drawn, stylize = [], Stylizer.stylize

    def count(*given, **named):
        drawn.append(1)
        return stylize(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Stylizer, "stylize", count)
        yield drawn


def test_a_killed_run_goes_on_to_the_same_result(nijigan, clip, monkeypatch):
    """By a style that draws each frame by statistics of those before it."""
    assert nijigan("clip.mp4", "-o", "whole.mp4", style="even")[0] == 0
    for frame in (50, "join"):
        killed(frame, "clip.mp4", "-o", "drawn.mp4", style="even")
        assert not Path("drawn.mp4").exists()
        with counted(monkeypatch) as drawn:
            code, out, err = nijigan("clip.mp4", "-o", "drawn.mp4", style="even")
        done = 48 if frame == 50 else 60
        assert (code, out) == (0, "drawn.mp4\n")
        assert err == f"Going on after {done} of 60 frames.\n"
        assert len(drawn) == 60 - done
        (times, frames), (expected, whole) = seen("drawn.mp4"), seen("whole.mp4")
        assert times == expected
        # The same drawings: the encoder alone does not give the same bytes of them each time.
        assert np.abs(np.subtract(frames, whole, dtype=np.float32)).mean() < 3
        assert heard("drawn.mp4") == heard("whole.mp4")
        assert not Path("drawn.mp4.part").exists()
        Path("drawn.mp4").unlink()


def test_statistics_go_on_from_frame_to_frame(nijigan, clip, toy_global_style):
    """What is drawn is not what each frame would be by itself."""
    from nijigan.export.styles import StyleLibrary
    from nijigan.server.carried import CarriedStatistics
    from nijigan.server.stylizer import Settings

    assert nijigan("clip.mp4", "-o", "drawn.mp4", style="even")[0] == 0
    stylizer = Stylizer(StyleLibrary([toy_global_style]), threads=1)
    carried, settings = CarriedStatistics(), Settings("even")
    for photo, drawn in zip(seen(clip)[1], seen("drawn.mp4")[1], strict=True):
        picture = Picture(photo.astype(np.uint8))
        together = stylizer.stylize(picture, settings, carried=carried).rgb
        alone = stylizer.stylize(picture, settings).rgb
        assert np.abs(drawn - together).mean() < 5
    assert np.abs(drawn - alone).mean() > 10


def test_work_of_other_settings_or_another_source_is_not_used(nijigan, clip):
    killed(30, "clip.mp4", "-o", "drawn.mp4")
    before = {path: path.read_bytes() for path in Path("drawn.mp4.part").iterdir()}
    code, _, err = nijigan("clip.mp4", "--strength", "0.5", "-o", "drawn.mp4")
    assert code == 2
    assert err == (
        "error: drawn.mp4.part has 24 frames that were drawn otherwise: strength 1.0, now 0.5. "
        "Give what was given then to go on. To begin anew, add --restart.\n"
    )
    code, _, err = nijigan("clip.mp4", "-o", "drawn.mp4", style="even")
    assert code == 2
    assert "style toy 1.0.0" in err
    write_clip("clip.mp4", pictures(61))
    code, _, err = nijigan("clip.mp4", "-o", "drawn.mp4")
    assert code == 2
    assert "source" in err
    assert {path: path.read_bytes() for path in Path("drawn.mp4.part").iterdir()} == before
    assert nijigan("clip.mp4", "-o", "drawn.mp4", "--restart") == (0, "drawn.mp4\n", "")
    assert len(seen("drawn.mp4")[0]) == 61
    assert not Path("drawn.mp4.part").exists()


def test_work_that_was_changed_is_done_anew(nijigan, clip, monkeypatch):
    killed(50, "clip.mp4", "-o", "drawn.mp4")
    segment = sorted(Path("drawn.mp4.part").glob("*.nut"))[0]
    segment.write_bytes(segment.read_bytes()[:-1] + b"?")
    with counted(monkeypatch) as drawn:
        code, _, err = nijigan("clip.mp4", "-o", "drawn.mp4")
    assert (code, len(drawn)) == (0, 60)
    assert err == "Files of the 48 frames that were done have changed: drawing all anew.\n"


@pytest.fixture
def ctrl_c(nijigan, monkeypatch):
    """Call `stylize`, and press Ctrl-C while it draws the frame of that number."""
    stylize, drawn, stopped = Stylizer.stylize, [], threading.Event()

    def run(number, *arguments):
        def interrupted(self, picture, settings, cancel, **named):
            drawn.append(1)
            if len(drawn) == number:
                with cancel.on_set(stopped.set):
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                    assert stopped.wait(10)
                cancel.raise_if_set()
            return stylize(self, picture, settings, cancel=cancel, **named)

        with monkeypatch.context() as patched:
            patched.setattr(Stylizer, "stylize", interrupted)
            return nijigan(*arguments)

    return run


def test_ctrl_c_says_how_far_it_came(nijigan, clip, ctrl_c):
    code, out, err = ctrl_c(40, "clip.mp4", "-o", "drawn.mp4")
    assert (code, out) == (130, "")
    assert err == "24 of 60 frames are done; the same command goes on.\n"
    assert not Path("drawn.mp4").exists()
    assert nijigan("clip.mp4", "-o", "drawn.mp4")[2] == "Going on after 24 of 60 frames.\n"


def test_frames_that_take_long_are_kept_sooner(nijigan, clip, ctrl_c, monkeypatch):
    assert nijigan("clip.mp4", "-o", "whole.mp4")[0] == 0
    with monkeypatch.context() as patched:
        patched.setattr(video, "_SEGMENT_SECONDS", 0.0)
        _, _, err = ctrl_c(5, "clip.mp4", "-o", "drawn.mp4")
    done = int(err.split()[0])
    assert done in (3, 4)  # the last one may be on its way to the disk
    assert nijigan("clip.mp4", "-o", "drawn.mp4")[2] == f"Going on after {done} of 60 frames.\n"
    (times, frames), (expected, whole) = seen("drawn.mp4"), seen("whole.mp4")
    assert times == expected
    assert np.abs(np.subtract(frames, whole)).mean() < 3  # other segments, the same drawings


@contextmanager
def no_file_larger_than(size):
    """A disk that is full, as far as a program can tell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_what_is_done(nijigan, clip, monkeypatch):
    refused = "error: drawn.mp4 cannot be written (File too large). Make room there, or choose "
    with no_file_larger_than(2000):
        code, _, err = nijigan("clip.mp4", "-o", "drawn.mp4")
    assert (code, err) == (
        3, f"0 of 60 frames are done.\n{refused}another place with -o.\n"
    )  # fmt: skip
    assert not list(Path().glob("drawn.mp4*"))
    with no_file_larger_than(30_000):  # segments have less
        code, _, err = nijigan("clip.mp4", "-o", "drawn.mp4", "--no-steady")
    assert (code, err) == (
        3, f"60 of 60 frames are done; the same command goes on.\n{refused}another place with -o.\n"
    )  # fmt: skip
    assert not Path("drawn.mp4").exists()
    assert {path.suffix for path in Path("drawn.mp4.part").iterdir()} == {".nut", ".json", ""}
    with counted(monkeypatch) as drawn:
        assert nijigan("clip.mp4", "-o", "drawn.mp4", "--no-steady")[0] == 0
    assert drawn == []
    assert len(seen("drawn.mp4")[0]) == 60


def test_a_disk_that_gets_full_keeps_whole_segments(nijigan):
    dark = [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 24  # which need fewer bytes
    noise = np.random.default_rng(0).integers(0, 256, (6, HEIGHT, WIDTH, 3), np.uint8)
    write_clip("clip.mkv", [*dark, *noise], sound=None)
    with no_file_larger_than(2500):
        code, _, err = nijigan("clip.mkv", "--strength", "0", "-o", "drawn.mp4")
    assert (code, err.splitlines()[0]) == (3, "24 of 30 frames are done; the same command goes on.")
    names = sorted(path.name for path in Path("drawn.mp4.part").iterdir())
    assert names == ["000000000.nut", "lock", "progress.json"]


def test_two_runs_do_not_draw_the_same(nijigan, clip):
    with lease(Path("drawn.mp4.part/lock")):
        assert nijigan("clip.mp4", "-o", "drawn.mp4")[::2] == (
            3, "error: Another process is drawing drawn.mp4. Wait for it.\n"
        )  # fmt: skip


def test_a_folder_of_somebody_else_is_left_alone(nijigan, clip):
    Path("drawn.mp4.part").mkdir()
    Path("drawn.mp4.part/mine.txt").write_text("mine")
    for restart in ([], ["--restart"]):
        code, _, err = nijigan("clip.mp4", "-o", "drawn.mp4", *restart)
        assert (code, err) == (3, "error: drawn.mp4.part is in the way. Move or rename it.\n")
    assert Path("drawn.mp4.part/mine.txt").read_text() == "mine"


def test_a_sidecar_draws_the_same_and_goes_on(nijigan, clip, toy_global_style, monkeypatch):
    # On one thread, as in the sidecar: sums over the picture are rounded otherwise on several.
    assert nijigan("clip.mp4", "-o", "here.mp4", "--threads", "1", style="even")[0] == 0
    draw_frames = RemoteStylizer.draw_frames

    def until_it_is_gone(*given):
        yield from islice(draw_frames(*given), 50)
        raise SidecarError("The sidecar went away.")

    with running_sidecar([toy_global_style]):
        remote = ["stylize", "clip.mp4", "-o", "there.mp4", "--style", "even", "--server"]
        with monkeypatch.context() as patched:
            patched.setattr(RemoteStylizer, "draw_frames", until_it_is_gone)
            with pytest.raises(SystemExit) as ended:
                main(remote)
        assert ended.value.code == 3
        with pytest.raises(SystemExit) as ended:
            main(remote)
        assert not ended.value.code
    here, there = (np.array(seen(name)[1], float) for name in ("here.mp4", "there.mp4"))
    assert here.shape == there.shape
    # The encoder may choose otherwise for the same frames while the sidecar works beside it.
    assert np.abs(here - there).mean() < 2


def test_ctrl_c_reaches_a_sidecar(nijigan, clip, toy_style):
    """Within a fraction of a second, though it draws a frame that takes long."""
    fake = FakeStylizer(held=True)
    with running_sidecar([toy_style], fake):

        def press():
            assert fake.started.acquire(timeout=10)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

        presses = threading.Thread(target=press)
        presses.start()
        began = time.monotonic()
        with pytest.raises(SystemExit) as ended:
            main(["stylize", "clip.mp4", "-o", "drawn.mp4", "--style", "toy", "--server"])
        presses.join()
        assert ended.value.code == 130
        assert fake.cancelled.acquire(timeout=10)
        assert time.monotonic() - began < 5
    assert not list(Path().glob("drawn.mp4*"))


def damaged(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 600] = bytes(600)
    Path("damaged.mp4").write_bytes(data)


def cut_short(path):
    with av.open(str(path)) as source:
        options = {"movflags": "faststart"}
        with av.open("cut.mp4", "w", container_options=options) as out:
            stream = out.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
    data = Path("cut.mp4").read_bytes()
    Path("cut.mp4").write_bytes(data[: len(data) * 6 // 10])


def album(path):
    """Sound, and a picture that does not move."""
    with av.open("album.mp4", "w") as out, av.open(str(path)) as source:
        cover = out.add_stream("png", width=WIDTH, height=HEIGHT)
        cover.pix_fmt, cover.disposition = "rgb24", Disposition.attached_pic
        stream = out.add_stream_from_template(source.streams.audio[0])
        out.mux(cover.encode(av.VideoFrame.from_ndarray(next(pictures(1)), "rgb24")))
        out.mux(cover.encode())
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)


def no_frames(path):
    with av.open("empty.mkv", "w") as out, av.open(str(path)) as source:
        out.add_stream("libx264", rate=25, width=WIDTH, height=HEIGHT)
        stream = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)


def two_sizes(_):
    Path("sizes.ts").write_bytes(b"")
    for size in ((WIDTH, HEIGHT), (64, 48)):
        write_clip("part.ts", pictures(20, *size), sound=None)
        with Path("sizes.ts").open("ab") as both:
            both.write(Path("part.ts").read_bytes())


def lines(_):
    write_clip("lines.mp4", pictures(4), params="interlaced=1")


def bright(_):
    write_clip("bright.mp4", pictures(4), color_trc=16)


def text(_):
    Path("text.mp4").write_text("none")


def nothing(_):
    write_picture(Path("photo.png"), Picture(next(pictures(1))))


@pytest.mark.parametrize(
    ("prepare", "arguments", "code", "says"),
    [
        (nothing, "none.mp4 -o x.mp4", 3, "none.mp4 cannot be read as a video (No such file"),
        (text, "text.mp4 -o x.mp4", 3, "text.mp4 cannot be read as a video (Invalid data"),
        (album, "album.mp4 -o x.mp4", 3, "album.mp4 has no video stream. Name a video."),
        (no_frames, "empty.mkv -o x.mp4", 3, "empty.mkv has no frames. Name a video that plays."),
        (damaged, "damaged.mp4 -o x.mp4", 3, "damaged.mp4 is damaged after "),
        (cut_short, "cut.mp4 -o x.mp4", 3, "cut.mp4 is cut short: it has 1."),
        (two_sizes, "sizes.ts -o x.mp4", 3, "sizes.ts changes its size."),
        (lines, "lines.mp4 -o x.mp4", 3, "lines.mp4 is interlaced"),
        (bright, "bright.mp4 -o x.mp4", 3, "bright.mp4 is in HDR"),
        (nothing, "clip.mp4 -o clip.mp4", 2, "clip.mp4 would be overwritten, and it is a source."),
        (nothing, "clip.mp4 -o x.avi", 2, "clip.mp4 is a video, and x.avi has the suffix '.avi'. "
         "Known for videos are .mp4, .mov, .mkv, .webm."),
        (nothing, "clip.mp4 -o x.png", 2, "clip.mp4 is a video, and x.png has the suffix '.png'."),
        (nothing, "photo.png -o x.mp4", 2, "photo.png is no video, and x.mp4 needs one."),
        (nothing, ". -o x.mp4", 2, ". is no video, and x.mp4 needs one."),
        (nothing, "clip.mp4 photo.png -o out", 2, "There are 2 sources, and something that moves"),
        (nothing, "clip.mp4 -o x.webm", 2, "A file of the kind webm cannot hold the sound of "
         "clip.mp4, which is aac. Write .mp4, .mov or .mkv."),
        (nothing, "clip.mp4 -o x.mp4 --strength 7", 2, "The strength is 7.0. Give 0 to 1."),
        (nothing, "clip.mp4 -o photo.png/x.mp4", 3, "photo.png/x.mp4 cannot be written (Not a dir"),
        (nothing, "photo.png -o x.png --restart", 2, "--restart has no effect on pictures."),
    ],
)  # fmt: skip
def test_every_error_is_one_line_and_leaves_nothing(nijigan, clip, prepare, arguments, code, says):
    prepare(clip)
    before = sorted(Path().rglob("*"))
    got = nijigan(*arguments.split())
    assert got[:2] == (code, "")
    assert got[2].startswith(f"error: {says}")
    assert got[2].count("\n") == 1
    assert sorted(Path().rglob("*")) == before


def test_a_frame_that_cannot_be_drawn_is_named(nijigan):
    write_clip("small.mp4", pictures(4, 12, 12))
    code, _, err = nijigan("small.mp4", "-o", "x.mp4")
    assert code == 3
    assert err.endswith(
        "error: Frame 1 of small.mp4: The picture is 12x12; each side must be 16 or more. "
        "Enlarge it first.\n"
    )


def test_without_pyav_the_extra_is_named(nijigan, clip, monkeypatch):
    for name in [*sys.modules]:
        if name.startswith(("nijigan.server.animation", "nijigan.core.video_file")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "av", None)
    assert nijigan("clip.mp4", "-o", "x.mp4") == (
        3,
        "",
        "error: The package 'av' is not installed. Install it with: pip install 'nijigan[video]'\n",
    )


def test_progress_is_told_by_frames(nijigan, clip, monkeypatch):
    told = []
    monkeypatch.setattr(
        "nijigan.core.progress_bar.progress_bar", lambda: nullcontext(lambda *at: told.append(at))
    )
    assert nijigan("clip.mp4", "-o", "drawn.mp4")[0] == 0
    parts = [part for part, _ in told]
    assert parts == sorted(parts)
    assert told[0][1] == "looking at clip.mp4"
    assert told[-31] == (pytest.approx(0.5, abs=0.02), "clip.mp4, 30 of 60 frames")
    assert told[-1] == (1.0, "clip.mp4, 60 of 60 frames")


def test_json(nijigan, clip):
    killed(30, "clip.mp4", "-o", "drawn.mp4")
    code, out, _ = nijigan("clip.mp4", "-o", "drawn.mp4", "--json")
    (row,) = json.loads(out)["videos"]
    assert code == 0
    assert row.pop("seconds") > 0
    assert row == {
        "source": "clip.mp4",
        "output": "drawn.mp4",
        "width": WIDTH,
        "height": HEIGHT,
        "frames": 60,
        "kept": 24,
    }
