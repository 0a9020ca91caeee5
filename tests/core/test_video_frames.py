import json
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from PIL import Image
from typer.testing import CliRunner

from nijigan.core.data.unpaired import UnpairedPictures
from nijigan.core.datasets.from_video import VideoSettings, make_from_videos
from nijigan.core.datasets.letterbox import picture_area
from nijigan.core.datasets.split import is_held_out, read_split
from nijigan.core.datasets.video_frames import Cuts, read_frames
from nijigan.core.errors import DataError, VideoError
from nijigan.core.images import Picture, read_picture, write_picture
from nijigan.core.metrics.blur import blur

RATE = 10
WIDTH, HEIGHT, BAR = 96, 64, 8


def scene(seed, moved=0, sharp=True):
    """A frame of blocks of random colors, which move to the right."""
    blocks = np.random.default_rng(seed).integers(40, 256, (6, 12, 3), dtype=np.uint8)
    resample = Image.Resampling.NEAREST if sharp else Image.Resampling.BICUBIC
    image = Image.fromarray(blocks if sharp else blocks[:2, :3]).resize((192, 96), resample)
    return np.asarray(image)[: HEIGHT - 2 * BAR, moved : moved + WIDTH]


def write_video(path, frames, bar=BAR, params="", matrix=None, **about):
    options = {"crf": "10", "threads": "1", "x264-params": params}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        if matrix is not None:
            stream.codec_context.colorspace = matrix
        for name, value in about.items():
            setattr(stream.codec_context, name, value)
        for pixels in frames:
            full = np.pad(pixels, ((bar, bar), (0, 0), (0, 0)))
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(full), "rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=matrix)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.fixture
def video(tmp_path):
    """Six seconds of four scenes; the third shows the first again, the last is blurred."""
    path = tmp_path / "film.mp4"
    frames = [scene(seed, 4 * i) for seed in (1, 2) for i in range(15)]
    frames += [scene(1, 4 * i) for i in range(15)]
    frames += [scene(3, i, sharp=False) for i in range(15)]
    write_video(path, frames)
    return path


def make(videos, out, **settings):
    return make_from_videos(videos, out, VideoSettings(**settings), lambda part, what: None)


def test_frames_are_cut_into_scenes_and_have_no_bars(video):
    frames = list(read_frames(video, 0.5, lambda part: None))
    assert [(frame.scene, frame.number) for frame in frames] == [
        (number, 15 * number + first) for number in range(4) for first in (2, 7, 12)
    ]
    assert all(frame.pixels.shape == (HEIGHT - 2 * BAR, WIDTH, 3) for frame in frames)
    difference = np.abs(frames[0].pixels.astype(int) - scene(1, 8))
    assert difference.mean() < 12  # chroma has half the resolution


def test_what_the_folder_gets(video, tmp_path):
    report = make([video], tmp_path / "data", every=0.5, most_blur=0.6)
    assert (report.kept, report.scenes, report.alike, report.blurred) == (6, 2, 3, 3)
    names = sorted(path.stem for path in (tmp_path / "data/drawn").iterdir())
    assert names == [
        f"film-s{number:04}-f{15 * number + first:06}" for number in (0, 1) for first in (2, 7, 12)
    ]


def test_scenes_are_split_as_a_whole_and_with_those_that_show_the_same(tmp_path):
    # Scene 2 shows the end of scene 0 again, then what no other scene shows.
    path = tmp_path / "film.mp4"
    frames = [scene(1, 4 * i) for i in range(10)] + [scene(2, 4 * i) for i in range(10)]
    frames += [scene(1, 24 + 4 * i) for i in range(16)]
    write_video(path, frames)
    squares = ("left", "right")
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        out = tmp_path / str(share)
        make([path], out, every=0.3, held_out=share, squares=squares)
        split = read_split(out)
        assert split.train
        assert split.held_out
        of = [{name[:16] for name in names} for names in (split.train, split.held_out)]
        assert not of[0] & of[1]
        joined = {"drawn/film-s0000", "drawn/film-s0002"}
        assert joined in ({*of[0]} & joined, {*of[1]} & joined)


def test_methods_read_the_folder(video, tmp_path):
    out = tmp_path / "data"
    write_picture(out / "photo/sky.png", Picture(scene(8)))
    write_picture(out / "photo/sea.png", Picture(scene(9)))
    make([video], out, every=0.5, squares=("center",))
    pictures = UnpairedPictures(out, crop=32, batch=1)
    assert len(pictures.drawn.train) + len(pictures.drawn.val) == 6
    assert pictures.drawn.val
    assert len(pictures.photo.train) + len(pictures.photo.val) == 2
    assert bool(pictures.photo.val) == any(is_held_out(name, 0.1) for name in ("sky", "sea"))
    for path in (out / "drawn").iterdir():
        picture = read_picture(path)
        assert (picture.width, picture.height) == (HEIGHT - 2 * BAR,) * 2


def test_a_second_video_keeps_the_first_where_it_is(video, tmp_path):
    out = tmp_path / "data"
    make([video], out, every=0.5)
    first = read_split(out)
    other = tmp_path / "other.mp4"
    write_video(other, [scene(seed, i) for seed in (5, 6) for i in range(10)])
    make([other], out, every=0.5)
    assert set(first.train) < set(read_split(out).train)
    assert set(first.held_out) < set(read_split(out).held_out)
    with pytest.raises(DataError, match="has frames of 'film' already"):
        make([video], out)
    bracketed = video.rename(tmp_path / "[a] film.mp4")
    make([bracketed], out, every=0.5)
    with pytest.raises(DataError, match="already"):
        make([bracketed], out)


def test_one_frame_of_each_scene_is_the_sharpest(tmp_path):
    path = tmp_path / "film.mp4"
    still = Image.fromarray(scene(1))
    small = (WIDTH // 4, HEIGHT // 4)
    soft = np.asarray(still.resize(small).resize(still.size, Image.Resampling.BICUBIC))
    write_video(path, [soft] * 5 + [scene(1)] * 5 + [soft] * 5)
    make([path], tmp_path / "data", every=0.5, one_per_scene=True, held_out=0)
    assert json.loads((tmp_path / "data/split.json").read_text())["train"] == [
        "drawn/film-s0000-f000007"
    ]


def test_movement_is_no_cut():
    cuts = Cuts()
    noise = np.random.default_rng(0).integers(0, 256, (2, 18, 32, 3)).astype(np.float32)
    still, other = noise / 2
    pan = [np.roll(other, i, axis=1) for i in range(20)]  # of it, each frame changes by 43 levels
    assert [cuts.at(frame) for frame in [still] * 5 + pan + [other]] == (
        [False] * 5 + [True] + [False] * 20
    )
    assert [cuts.at(frame) for frame in [other] * 8 + [still]] == [False] * 8 + [True]


def test_bars_are_told_from_dark_pictures():
    lit = np.full((40, 60, 3), 200, np.uint8)
    barred = np.pad(lit, ((8, 8), (0, 0), (0, 0)))
    pillared = np.pad(lit, ((0, 0), (10, 10), (0, 0)))
    dark_below = np.pad(lit, ((0, 16), (0, 0), (0, 0)))
    black = np.zeros((56, 60, 3), np.uint8)
    assert picture_area([barred] * 9 + [black]).of(barred).shape == (40, 60, 3)
    assert picture_area([pillared]).of(pillared).shape == (40, 60, 3)
    assert picture_area([dark_below]).of(dark_below).shape == (56, 60, 3)
    assert picture_area([black]).of(black).shape == black.shape
    assert picture_area([barred] * 5 + [dark_below] * 5).of(barred).shape == (56, 60, 3)


def test_blur_grows_as_a_picture_is_blurred():
    rgb = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    image = Image.fromarray(rgb)
    soft = [image.resize((64 // k,) * 2).resize((64, 64)) for k in (2, 4, 8)]
    measured = [blur(rgb), *(blur(np.asarray(picture)) for picture in soft)]
    assert measured == sorted(measured)
    assert measured[0] < 0.2 < 0.6 < measured[-1]
    # one edge: the mean of 9 leaves a ninth of a step of 9
    step = np.zeros((16, 40, 3), np.uint8)
    step[:, 20:] = 90
    assert blur(step) == pytest.approx(1 / 9)


def test_what_is_no_video_is_refused(tmp_path):
    (tmp_path / "film.mp4").write_text("none")
    with pytest.raises(VideoError, match="cannot be read as a video"):
        make([tmp_path / "film.mp4"], tmp_path / "data")
    with pytest.raises(VideoError, match="cannot be read as a video"):
        make([tmp_path / "missing.mp4"], tmp_path / "data")


def test_pixels_that_are_not_square_are_made_so(tmp_path):
    path = tmp_path / "film.mp4"
    write_video(path, [scene(1)] * 4, sample_aspect_ratio=Fraction(4, 3))
    (frame,) = read_frames(path, 1, lambda part: None)
    assert frame.pixels.shape[1] == WIDTH * 4 // 3
    assert abs(frame.pixels.shape[0] - (HEIGHT - 2 * BAR)) <= 2


def test_colors_are_those_that_were_filmed(tmp_path):
    color = (200, 40, 90)
    flat = np.broadcast_to(np.array(color, np.uint8), (HEIGHT, WIDTH, 3))
    for matrix in (Colorspace.ITU709, Colorspace.ITU601):
        path = tmp_path / f"{matrix.name}.mp4"
        write_video(path, [flat] * 4, bar=0, matrix=matrix)
        (frame,) = read_frames(path, 1, lambda part: None)
        assert np.abs(frame.pixels.astype(int) - color).max() <= 4, matrix


def test_frames_that_would_be_wrong_are_refused(tmp_path):
    write_video(tmp_path / "lines.mp4", [scene(1)] * 4, params="interlaced=1")
    with pytest.raises(VideoError, match="is interlaced"):
        list(read_frames(tmp_path / "lines.mp4", 1, lambda part: None))
    write_video(tmp_path / "bright.mp4", [scene(1)] * 4, color_trc=16)
    with pytest.raises(VideoError, match="is in HDR"):
        list(read_frames(tmp_path / "bright.mp4", 1, lambda part: None))


def test_the_command_says_what_it_kept(video, tmp_path):
    from nijigan.core.verbs.data import app

    out = str(tmp_path / "data")
    result = CliRunner().invoke(app, ["from-video", str(video), "-o", out, "--every", "0.5"])
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == out
    assert "6 frames of 2 scenes kept" in result.stderr
