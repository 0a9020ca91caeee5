"""The verbs `stylize` and `styles`, as a person calls them."""

import json
import shutil
import signal
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nijigan.core import images
from nijigan.core.cli import main
from nijigan.core.errors import OutOfMemoryError
from nijigan.core.images import Picture, read_picture, write_picture
from nijigan.export.styles import StyleLibrary
from nijigan.server.stylizer import Settings, Stylizer
from nijigan.server.testing import running_sidecar


@pytest.fixture
def nijigan(toy_style, tmp_path, monkeypatch, capsys):
    """Call the command in a folder with `photo.png`; gives exit code, stdout, stderr."""
    monkeypatch.setenv("NIJIGAN_STYLES", str(toy_style))
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    rgb = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    write_picture(Path("photo.png"), Picture(rgb))

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 60000x60000."""
    data = b"\x89PNG\r\n\x1a\n"
    for chunk in (
        b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0),
        b"IDAT" + bytes(9),
    ):
        data += struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return data


def test_a_picture_is_drawn_once_unless_it_shall_be_steady(nijigan, toy_style):
    stylizer, photo = Stylizer(StyleLibrary([toy_style])), read_picture(Path("photo.png"))
    for said, steady in (([], False), (["--steady"], True)):
        assert nijigan("stylize", "photo.png", "--style", "toy", "-o", "drawn.png", *said)[0] == 0
        expected = stylizer.stylize(photo, Settings("toy", steady=steady))
        assert np.array_equal(read_picture(Path("drawn.png")).rgb, expected.rgb)


def test_one_picture(nijigan):
    assert nijigan("stylize", "photo.png", "--style", "toy", "-o", "new/drawn.png") == (
        0,
        "new/drawn.png\n",
        "",
    )
    drawn, photo = read_picture(Path("new/drawn.png")), read_picture(Path("photo.png"))
    assert drawn.rgb.shape == photo.rgb.shape
    assert not np.array_equal(drawn.rgb, photo.rgb)


def test_strength_and_a_style_by_its_path(nijigan, make_toy_style):
    folder = make_toy_style("other")
    code, _, _ = nijigan(
        "stylize", "photo.png", "--style", str(folder), "--strength", "0", "-o", "same.png"
    )
    assert code == 0
    assert np.array_equal(read_picture(Path("same.png")).rgb, read_picture(Path("photo.png")).rgb)


def test_alpha_is_kept_and_refused_by_jpeg(nijigan):
    alpha = np.arange(1200, dtype=np.uint8).reshape(30, 40)
    write_picture(Path("clear.png"), Picture(read_picture(Path("photo.png")).rgb, alpha))
    assert nijigan("stylize", "clear.png", "--style", "toy", "-o", "a.png")[0] == 0
    assert np.array_equal(read_picture(Path("a.png")).alpha, alpha)
    code, _, err = nijigan("stylize", "clear.png", "--style", "toy", "-o", "a.jpg")
    assert code == 3
    assert err == "error: a.jpg would lose its transparency: JPEG has none. " + (
        "Write .png or .webp instead.\n"
    )
    assert not Path("a.jpg").exists()


def test_a_broken_file_does_not_stop_the_others(nijigan):
    Path("in").mkdir()
    for name in ("1.png", "3.png"):
        shutil.copy("photo.png", Path("in", name))
    Path("in/2.png").write_bytes(b"no picture")
    code, out, err = nijigan("stylize", "in", "--style", "toy", "-o", "out")
    assert code == 3
    assert out.splitlines() == ["out/1.png", "out/3.png"]
    assert err == ("error: in/2.png is not a JPEG, PNG, WebP or TIFF picture. Convert it first.\n")
    assert sorted(path.name for path in Path("out").iterdir()) == ["1.png", "3.png"]


def test_what_is_too_much_for_one_picture_does_not_stop_the_others(nijigan, monkeypatch):
    def short_of_memory(self, picture, settings, *rest):
        if picture.width == 41:
            raise OutOfMemoryError("There is too little memory.", "Close something.")
        return stylize(self, picture, settings, *rest)

    stylize = Stylizer.stylize
    monkeypatch.setattr(Stylizer, "stylize", short_of_memory)
    Path("in").mkdir()
    for number, width in enumerate((40, 8000, 41, 42)):
        Image.new("RGB", (width, 30)).save(f"in/{number}.png")
    code, out, err = nijigan("stylize", "in", "--style", "toy", "--scale", "600", "-o", "out")
    assert (code, out.splitlines()) == (3, ["out/0.png", "out/3.png"])
    assert err.splitlines() == [
        "error: in/1.png: The scale 600 means drawing 160000x600, more than 67108864 pixels. "
        "Give a smaller scale.",
        "error: in/2.png: There is too little memory. Close something.",
    ]


def test_json(nijigan):
    code, out, err = nijigan(
        "stylize", "photo.png", "none.png", "--style", "toy", "-o", "out", "--json"
    )
    drawn, failed = json.loads(out)["pictures"]
    assert code == 3
    assert (drawn["output"], drawn["width"], drawn["height"]) == ("out/photo.png", 40, 30)
    assert drawn["seconds"] >= 0
    assert failed["reason"] == "INVALID_IMAGE"
    assert f"error: {failed['error']}\n" == err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["none.png"], 3, "none.png cannot be read (No such file or directory). Check the path"),
        (["text.png"], 3, "text.png is not a JPEG, PNG, WebP or TIFF picture."),
        (["cut.png"], 3, "cut.png is damaged or cut short"),
        (["bomb.png"], 3, "bomb.png is too large (60000x60000); the limit is 67108864 pixels."),
        (["tiny.png"], 3, "tiny.png: The picture is 1x1; each side must be 16 or more."),
        (["photo.png", "--strength", "7"], 2, "The strength is 7.0. Give 0 to 1."),
        (["photo.png", "--strength", "nan"], 2, "The strength is nan. Give 0 to 1."),
        (["photo.png", "--quality", "finest"], 2, "No quality is named 'finest'. Did you mean"),
        (["photo.png", "--scale", "half"], 2, "The scale is 'half'. Give auto, native or pixels."),
        (["photo.png", "--scale", "3"], 2, "The scale is 3 pixels. Give 16 to 8192."),
        (["photo.png", "--engine", "onnx"], 2, "No engine is named 'onnx'."),
        (["photo.png", "--server", "--threads", "2"], 2, "--threads 2 has no effect on a sidecar."),
        (["photo.png", "--address", "127.0.0.1:1", "--engine", "onnxruntime"], 2,
         "--engine onnxruntime has no effect on a sidecar."),
        (["photo.png", "--style", "toi"], 3, "No style is named 'toi'. Did you mean 'toy'?"),
        (["photo.png", "--style", "./toi"], 3, "toi/style.json: cannot be read"),
        (["photo.png", "-o", "x.gif"], 2, "x.gif has the suffix '.gif'."),
        (["photo.png", "-o", "photo.png"], 2, "photo.png would be overwritten"),
        (["photo.png", "-o", "text.png/a.png"], 3, "text.png/a.png cannot be written"),
    ],
)  # fmt: skip
def test_every_error_is_one_line_and_leaves_nothing(nijigan, arguments, code, says):
    Path("text.png").write_text("hello")
    Path("cut.png").write_bytes(Path("photo.png").read_bytes()[:-900])
    Path("bomb.png").write_bytes(bomb())
    Image.new("RGB", (1, 1)).save("tiny.png")
    before = sorted(Path().rglob("*"))
    out = [] if "-o" in arguments else ["-o", "drawn.png"]
    style = [] if "--style" in arguments else ["--style", "toy"]
    got = nijigan("stylize", *arguments, *style, *out)
    assert got[:2] == (code, "")
    assert got[2].startswith(f"error: {says}")
    assert got[2].count("\n") == 1
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize("number", [13, 28], ids=["no permission", "disk full"])
def test_what_the_system_refuses(nijigan, monkeypatch, number):
    def refuse(path: Path, data: bytes) -> None:
        raise OSError(number, {13: "Permission denied", 28: "No space left on device"}[number])

    monkeypatch.setattr(images, "write_atomically", refuse)
    code, out, err = nijigan("stylize", "photo.png", "--style", "toy", "-o", "drawn.png")
    assert (code, out) == (3, "")
    assert "drawn.png cannot be written (" in err


def test_ctrl_c_stops_the_drawing_and_leaves_nothing(nijigan, monkeypatch, capsys):
    stopped = threading.Event()

    def interrupted(self, picture, settings, progress, cancel):
        with cancel.on_set(stopped.set):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # as a terminal does
            stopped.wait(10)
        cancel.raise_if_set()

    monkeypatch.setattr(Stylizer, "stylize", interrupted)
    code, out, err = nijigan("stylize", "photo.png", "--style", "toy", "-o", "drawn.png")
    assert (code, out) == (130, "")
    assert "Traceback" not in err
    assert stopped.wait(10)
    assert not Path("drawn.png").exists()


def test_a_sidecar_draws_the_same(nijigan, toy_style):
    here = ("stylize", "photo.png", "--style", "toy", "--strength", "0.5")
    assert nijigan(*here, "-o", "here.png")[0] == 0
    with running_sidecar([toy_style]) as sidecar:
        for server, out in (
            (["--server"], "found.png"),
            (["--address", sidecar.address], "address.png"),
        ):
            assert nijigan(*here, *server, "-o", out) == (0, f"{out}\n", "")
            assert np.array_equal(read_picture(Path(out)).rgb, read_picture(Path("here.png")).rgb)
        code, _, err = nijigan(*here[:3], "toi", "--server", "-o", "none.png")
        assert code == 3
        assert "No style is named 'toi'." in err
    code, _, err = nijigan(*here, "--server", "-o", "none.png")
    assert code == 3
    assert "nijigan serve" in err
    assert not Path("none.png").exists()


def test_a_style_in_fewer_bits_is_drawn_and_listed(nijigan, toy_style, tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_STYLES", str(shutil.copytree(toy_style, tmp_path / "toy")))
    shutil.copytree(toy_style, tmp_path / "toy" / "int8")
    here = ("stylize", "photo.png", "--style", "toy:int8")
    assert nijigan(*here, "-o", "here.png") == (0, "here.png\n", "")
    (listed,) = (
        row
        for row in json.loads(nijigan("styles", "list", "--json")[1])
        if row["name"].startswith("toy")
    )
    assert listed["precisions"] == ["fp32", "int8"]
    with running_sidecar([tmp_path / "toy"]) as sidecar:
        assert nijigan(*here, "--address", sidecar.address, "-o", "there.png")[0] == 0
    assert np.array_equal(read_picture(Path("here.png")).rgb, read_picture(Path("there.png")).rgb)


def test_list_and_show(nijigan, toy_style, make_toy_style, monkeypatch):
    broken = make_toy_style("broken")
    (broken / "style.json").write_text("{}")
    monkeypatch.setenv("NIJIGAN_STYLES", f"{toy_style}:{broken}")
    code, out, err = nijigan("styles", "list")
    assert code == 0
    assert "toy" in out
    assert "One kernel over blocks of pixels." in out
    assert err.startswith("error: ")
    assert "format is missing" in err
    listed = {row["name"]: row for row in json.loads(nijigan("styles", "list", "--json")[1])}
    assert listed["toy"]["folder"] == str(toy_style)
    shown = nijigan("styles", "show", "toy")[1]
    assert "It draws nothing." in shown
    assert "euler" in shown
    assert json.loads(nijigan("styles", "show", "toy", "--json")[1])["input_multiple"] == 4
    code, out, err = nijigan("styles", "show", "toys")
    assert (code, out) == (3, "")
    assert "Did you mean 'toy'?" in err
