"""Numbered pictures, as a person has them drawn."""

import json
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from nijigan.core.cli import main
from nijigan.core.errors import SidecarError, UsageError
from nijigan.core.images import Picture, read_picture, write_picture
from nijigan.export.styles import StyleLibrary
from nijigan.server.animation.numbered import Numbered, gaps
from nijigan.server.carried import CarriedStatistics
from nijigan.server.remote import RemoteStylizer
from nijigan.server.stylizer import Settings, Stylizer
from nijigan.server.testing import running_sidecar

NUMBERS = (1, 2, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15)


def frame(number, alpha=None):
    """Blocks that grow light from number to number."""
    rgb = np.random.default_rng(2).integers(0, 150, (6, 8, 3), np.uint8).repeat(6, 0).repeat(6, 1)
    return Picture(rgb + np.uint8(6 * number), alpha)


@pytest.fixture
def nijigan(toy_style, toy_global_style, tmp_path, monkeypatch, capsys):
    """Call `stylize` in a folder with `render.0001.png`…; gives exit code, stdout, stderr."""
    monkeypatch.setenv("NIJIGAN_STYLES", f"{toy_style}:{toy_global_style}")
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for number in NUMBERS:
        write_picture(Path(f"render.{number:04}.png"), frame(number))

    def run(*arguments, style="even"):
        with pytest.raises(SystemExit) as ended:
            main(["stylize", *arguments, "--style", style, "--threads", "1"])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


GAPS = "Numbers that are missing of render.####.png: 4, 6-7.\n"


def drawn(name="drawn.{:04}.png", numbers=NUMBERS):
    return [read_picture(Path(name.format(number))).rgb for number in numbers]


def expected(style, numbers=NUMBERS, steady=True):
    """What comes of the frames, one after the other."""
    stylizer, carried = Stylizer(StyleLibrary([style]), threads=1), CarriedStatistics()
    settings = Settings(style.name, steady=steady)
    return [stylizer.stylize(frame(n), settings, carried=carried).rgb for n in numbers]


@pytest.mark.parametrize(
    ("source", "out", "names"),
    [
        ("render.%04d.png", "drawn.%04d.png", "drawn.{:04}.png"),
        ("render.####.png", "new/d_##.tiff", "new/d_{:02}.tiff"),
        ("render.####.png", "%d.png", "{}.png"),
        ("render.%04d.png", "new", "new/render.{:04}.png"),
    ],
)
def test_frames_are_drawn_in_order_by_shared_statistics(
    nijigan, toy_global_style, source, out, names
):
    code, told, err = nijigan(source, "-o", out)
    assert code == 0
    assert told.splitlines() == [names.format(number) for number in NUMBERS]
    assert err == GAPS
    assert np.array_equal(drawn(names), expected(toy_global_style))
    alone = (
        Stylizer(StyleLibrary([toy_global_style]))
        .stylize(frame(15), Settings("even", steady=True))
        .rgb
    )
    assert not np.array_equal(drawn(names, [15])[0], alone)
    assert not list(Path().rglob("*.part"))


def test_frames_are_drawn_once_each_if_that_is_said(nijigan, toy_style):
    asked = ["render.####.png", "-o", "drawn.####.png", "--no-steady"]
    assert nijigan(*asked, style=str(toy_style))[0] == 0
    once, steady = (expected(toy_style, steady=each) for each in (False, True))
    assert np.array_equal(drawn(), once)
    assert not np.array_equal(once, steady)


KILLED = """
import os, signal, sys
from nijigan.core.cli import main
from nijigan.server.stylizer import Stylizer

stylize, drawn = Stylizer.stylize, []
def counted(*given, **named):
    drawn.append(1)
    if len(drawn) > int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    return stylize(*given, **named)
Stylizer.stylize = counted
main(sys.argv[2:])
"""


def killed(frames, *arguments, style="even"):
    """Run `stylize` in a process that is killed (SIGKILL) while it draws."""
    command = ["stylize", *arguments, "--style", style, "--threads", "1"]
    ended = subprocess.run([sys.executable, "-c", KILLED, str(frames), *command], timeout=60)
    assert ended.returncode == -signal.SIGKILL


@pytest.fixture
def stopped(nijigan):
    """A run that was killed; how many frames it had done, and noted."""
    killed(9, "render.####.png", "-o", "drawn.####.png")
    done = json.loads(Path("drawn.####.png.part/progress.json").read_text())["frames"]
    assert 6 <= done <= 9
    return done


def test_a_killed_run_goes_on_to_the_same_result(nijigan, stopped, toy_global_style):
    code, told, err = nijigan("render.####.png", "-o", "drawn.####.png")
    assert code == 0
    assert told.splitlines() == [f"drawn.{number:04}.png" for number in NUMBERS[stopped:]]
    assert err == f"{GAPS}Going on after {stopped} of 12 frames.\n"
    assert np.array_equal(drawn(), expected(toy_global_style))
    assert not list(Path().glob("*.part"))


def test_frames_that_came_meanwhile_are_drawn_too(nijigan, stopped, toy_global_style):
    write_picture(Path("render.0016.png"), frame(16))
    code, _, err = nijigan("render.####.png", "-o", "drawn.####.png")
    assert (code, err) == (0, f"{GAPS}Going on after {stopped} of 13 frames.\n")
    numbers = (*NUMBERS, 16)
    assert np.array_equal(drawn(numbers=numbers), expected(toy_global_style, numbers))


@pytest.mark.parametrize("change", ["source", "drawing", "gone", "new"])
def test_no_stale_frame_stays(nijigan, stopped, change, toy_global_style):
    if change == "source":
        write_picture(Path("render.0003.png"), frame(40))
    elif change == "drawing":
        write_picture(Path("drawn.0003.png"), frame(40))
    elif change == "gone":
        Path("drawn.0003.png").unlink()
    else:
        write_picture(Path("render.0004.png"), frame(4))
    code, told, err = nijigan("render.####.png", "-o", "drawn.####.png")
    assert code == 0
    assert len(told.splitlines()) == 12 + (change == "new")
    assert f"Files of the {stopped} frames that were done have changed: drawing all anew." in err
    if change == "new":
        numbers = sorted((*NUMBERS, 4))
        assert np.array_equal(drawn(numbers=numbers), expected(toy_global_style, numbers))
    elif change != "source":
        assert np.array_equal(drawn(), expected(toy_global_style))


def test_work_of_other_settings_is_not_used(nijigan, stopped, toy_style):
    code, told, err = nijigan("render.####.png", "-o", "drawn.####.png", "--strength", "0.5")
    assert (code, told) == (2, "")
    assert f"drawn.####.png.part has {stopped} frames that were drawn otherwise: " in err
    assert "strength 1.0, now 0.5. Give what was given then to go on." in err
    _, _, err = nijigan("render.####.png", "-o", "drawn.####.png", "--no-steady")
    assert "steady True, now False. Give what was given then to go on." in err
    code, told, _ = nijigan(
        "render.####.png", "-o", "drawn.####.png", "--restart", style=str(toy_style)
    )
    assert (code, len(told.splitlines())) == (0, 12)
    assert np.array_equal(drawn(), expected(toy_style))


def test_a_frame_that_cannot_be_read_does_not_stop_the_others(nijigan, toy_global_style):
    Path("render.0005.png").write_bytes(b"none")
    write_picture(Path("render.0009.png"), Picture(np.zeros((8, 8, 3), np.uint8)))
    write_picture(Path("drawn.0005.png"), frame(0))  # of an earlier day
    code, told, err = nijigan("render.####.png", "-o", "drawn.####.png")
    good = [number for number in NUMBERS if number not in (5, 9)]
    assert code == 3
    assert told.splitlines() == [f"drawn.{number:04}.png" for number in good]
    assert err.splitlines()[1:] == [
        "error: render.0005.png is not a JPEG, PNG, WebP or TIFF picture. Convert it first.",
        "error: render.0009.png: The picture is 8x8; each side must be 16 or more. "
        "Enlarge it first.",
    ]
    assert not Path("drawn.0005.png").exists()
    assert np.array_equal(drawn(numbers=good), expected(toy_global_style, good))


def test_a_run_that_goes_on_tells_again_what_failed(nijigan):
    Path("render.0002.png").write_bytes(b"none")
    killed(9, "render.####.png", "-o", "drawn.####.png")
    code, _, err = nijigan("render.####.png", "-o", "drawn.####.png")
    assert code == 3
    assert "error: render.0002.png could not be drawn by the run before. Mend it" in err
    Path("drawn.0002.png").unlink(missing_ok=True)


def test_transparency_is_kept(nijigan):
    alpha = np.arange(36 * 48, dtype=np.uint8).reshape(36, 48)
    write_picture(Path("render.0003.png"), frame(3, alpha))
    with_alpha = ("render.####.png", "-o", "drawn.####.png")
    assert nijigan(*with_alpha)[0] == 0
    assert np.array_equal(read_picture(Path("drawn.0003.png")).alpha, alpha)
    assert read_picture(Path("drawn.0005.png")).alpha is None
    code, _, err = nijigan("render.####.png", "-o", "drawn.####.jpg")
    assert code == 3
    assert "2 of 12 frames are done; the same command goes on.\n" in err
    assert "error: drawn.0003.jpg would lose its transparency: JPEG has none." in err


def test_a_sidecar_draws_the_same_and_goes_on(nijigan, toy_global_style, monkeypatch, capsys):
    alpha = np.arange(36 * 48, dtype=np.uint8).reshape(36, 48)
    write_picture(Path("render.0003.png"), frame(3, alpha))
    write_picture(Path("render.0008.png"), Picture(np.zeros((8, 8, 3), np.uint8)))
    draw_frames = RemoteStylizer.draw_frames

    def until_it_is_gone(*given):
        yield from islice(draw_frames(*given), 7)
        raise SidecarError("The sidecar went away.")

    def run():
        command = ["stylize", "render.####.png", "-o", "drawn.####.png", "--style", "even"]
        with pytest.raises(SystemExit) as ended:
            main([*command, "--server"])
        return ended.value.code, capsys.readouterr().err

    with running_sidecar([toy_global_style]):
        with monkeypatch.context() as patched:
            patched.setattr(RemoteStylizer, "draw_frames", until_it_is_gone)
            code, err = run()
        assert code == 3
        assert err.endswith(
            "7 of 12 frames are done; the same command goes on.\nerror: The sidecar went away.\n"
        )
        assert "error: render.0008.png: The picture is 8x8" in err
        code, err = run()
    assert code == 3  # of the one that cannot be drawn
    assert "Going on after 7 of 12 frames." in err
    good = [number for number in NUMBERS if number != 8]
    assert np.array_equal(drawn(numbers=good), expected(toy_global_style, good))
    assert np.array_equal(read_picture(Path("drawn.0003.png")).alpha, alpha)


def test_json(nijigan):
    Path("render.0002.png").write_bytes(b"none")
    code, out, _ = nijigan("render.####.png", "-o", "drawn.####.png", "--json")
    rows = json.loads(out)["pictures"]
    assert (code, len(rows)) == (3, 12)
    assert rows[1]["reason"] == "INVALID_IMAGE"
    assert rows[2].pop("seconds") >= 0
    assert rows[2] == {
        "source": "render.0003.png", "output": "drawn.0003.png", "width": 48, "height": 36
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ("shot.####.png -o drawn.####.png", 3, "No file is called shot.####.png."),
        ("none/render.####.png -o drawn.####.png", 3, "none cannot be read (No such file"),
        ("render.####.png -o render.%04d.png", 2, "render.0001.png would be overwritten"),
        ("render.####.png -o drawn.png", 2, "drawn.png is one file, and render.####.png are many."),
        ("render.####.png -o drawn.mp4", 2, "drawn.mp4 is one file, and render.####.png are many."),
        ("render.####.png -o drawn.####.gif", 2, "drawn.####.gif has the suffix '.gif'."),
        ("render.##.##.png -o drawn.####.png", 2, "render.##.##.png has 2 places for a number."),
        ("render.####.png photo.png -o out", 2, "There are 2 sources, and something that moves"),
        ("render.####.png -o drawn.####.png --scale 3", 2, "The scale is 3 pixels."),
    ],
)  # fmt: skip
def test_every_error_is_one_line_and_leaves_nothing(nijigan, arguments, code, says):
    before = sorted(Path().rglob("*"))
    got = nijigan(*arguments.split())
    assert got[:2] == (code, "")
    assert got[2].startswith(f"error: {says}")
    assert got[2].count("\n") == 1
    assert sorted(Path().rglob("*")) == before


def test_a_picture_may_be_called_like_a_pattern(nijigan):
    write_picture(Path("shot #3.png"), frame(1))
    assert nijigan("shot #3.png", "-o", "drawn #4.png") == (0, "drawn #4.png\n", "")


def test_names_and_their_numbers(tmp_path):
    for name in ("a.0009.png", "a.0010.png", "a.12345.png", "a.010.png", "a.00011.png", "b.1.png"):
        (tmp_path / name).touch()
    assert Numbered.parse(tmp_path / "a.%04d.png").numbers() == [9, 10, 12345]
    assert Numbered.parse(tmp_path / "a.####.png").numbers() == [9, 10, 12345]
    assert Numbered.parse(tmp_path / "a.%d.png").numbers() == [12345]
    assert Numbered.parse(tmp_path / "a.0009.png") is None
    (tmp_path / "shot #3.png").touch()
    assert Numbered.parse(tmp_path / "shot #3.png") is None
    with pytest.raises(UsageError, match="2 places"):
        Numbered.parse(tmp_path / "a%d_%04d.png")
    assert gaps([1, 2, 3]) == ""
    assert gaps([1, 3, 7]) == "2, 4-6"
    assert gaps(range(0, 40, 2)) == "1, 3, 5, 7, 9, 11, 13, 15 and 11 more gaps"
